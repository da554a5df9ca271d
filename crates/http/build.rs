//! Embeds the built console (`web/console/dist`) and the tag (`web/tag/dist`), as far as they have been built.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let mut files = Vec::new();
    for (dir, prefix) in [("web/console/dist", ""), ("web/tag/dist", "tag/")] {
        let dir = root.join(dir);
        println!("cargo::rerun-if-changed={}", dir.display());
        if dir.is_dir() {
            walk(&dir, &dir, prefix, &mut files)?;
        }
    }
    files.sort();
    let mut out = String::from(
        "struct Asset { path: &'static str, mime: &'static str, etag: &'static str, plain: &'static [u8], brotli: &'static [u8], gzip: &'static [u8] }\n\
         static ASSETS: &[Asset] = &[\n",
    );
    for (path, file) in &files {
        let bytes = fs::read(file)?;
        let copy = |end: &str| {
            let path = file.with_file_name(format!("{}.{end}", file.file_name().unwrap_or_default().to_string_lossy()));
            path.is_file().then_some(path)
        };
        let (brotli, gzip) = (copy("br"), copy("gz"));
        // A file that has a compressed copy is not kept twice: it is unpacked for the rare client that takes none.
        let plain = gzip.is_none().then(|| file.clone());
        let include = |p: Option<PathBuf>| {
            p.map_or_else(|| "&[]".to_owned(), |p| format!("include_bytes!({:?})", p.display().to_string()))
        };
        let _ = writeln!(
            out,
            "Asset {{ path: {path:?}, mime: {:?}, etag: {:?}, plain: {}, brotli: {}, gzip: {} }},",
            mime(path),
            format!("\"{:016x}\"", fnv(&bytes)),
            include(plain),
            include(brotli),
            include(gzip),
        );
    }
    out.push_str("];\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?).join("assets.rs"), out)
}

fn walk(root: &Path, dir: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')) {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, prefix, files)?;
        } else if path.extension().is_none_or(|e| e != "br" && e != "gz" && e != "map") {
            let below = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            files.push((format!("{prefix}{below}"), path));
        }
    }
    Ok(())
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// FNV-1a, 64 bits: enough to tell two builds of a file apart.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3))
}
