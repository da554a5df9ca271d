//! The story: files in, clusters out, and how right they are where the truth is known.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use regex::Regex;
use serde::Serialize;
use throughline_base::Problem;
use throughline_domain::identity::matching::{
    Expected, Odds, Options, Outcome, Records, Score, Yield, odds_bits, probability, score_clusters, score_pairs,
};

use super::mapping::MatchMapping;
use super::spread;
use super::table::{Loaded, Table};
use crate::Result;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct MatchRequest {
    /// The files; the place of each is its source.
    pub files: Vec<PathBuf>,
    /// What columns mean.
    pub mapping: MatchMapping,
    /// The column that tells which rows are one person, never matched by.
    pub truth: Option<String>,
    /// The part of that column that counts: the first group of this pattern.
    pub truth_pattern: Option<String>,
    /// Links from this probability on instead of the one chosen.
    pub threshold: Option<f64>,
    /// No cluster has two rows of one file.
    pub one_per_file: bool,
    /// Where clusters are written.
    pub out: Option<PathBuf>,
    /// Where scored pairs are written.
    pub pairs_out: Option<PathBuf>,
}

/// How many pairs are in which zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Zones {
    /// In one cluster.
    pub link: usize,
    /// For a person to look at.
    pub review: usize,
}

/// A file as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file.
    pub file: String,
    /// Meaning by column.
    pub columns: serde_json::Map<String, serde_json::Value>,
}

/// Pairs that met, of all that are true.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Blocking {
    /// Pairs compared.
    pub compared: u64,
    /// Share of the true pairs that met: no score can find more. Absent where the truth is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<f64>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchReport {
    /// Score of the pairs over the threshold, where the truth is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Score>,
    /// Score of the pairs that clusters imply, where the truth is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<Score>,
    /// Pairs at or above this probability are linked.
    pub threshold: f64,
    /// What the model expects of the pairs over the threshold.
    pub expected: Expected,
    /// Processor time in seconds, of all threads; filled in by whoever can tell.
    pub cpu_seconds: f64,
    /// The most memory held, in MB; filled in by whoever can tell.
    pub peak_memory_mb: f64,
    /// Rows read.
    pub records: usize,
    /// Clusters of two rows and more.
    pub cluster_count: usize,
    /// Rows in them.
    pub clustered: usize,
    /// Zones of pairs.
    pub zones: Zones,
    /// What blocking came to.
    pub blocking: Blocking,
    /// What each blocking rule came to.
    pub rules: Vec<Yield>,
    /// The files.
    pub files: Vec<FileReport>,
    /// Rows that could not be read: `file:line: reason`, the first twenty.
    pub unreadable: Vec<String>,
    /// How many those are.
    pub unreadable_count: usize,
}

/// Links the rows of files.
///
/// # Errors
/// When a file cannot be read, has no column that can be matched by, lacks the truth column, or an output cannot be
/// written.
pub fn match_files(request: &MatchRequest) -> Result<MatchReport> {
    if u16::try_from(request.files.len()).is_err() {
        return Err(Problem::invalid("match_files", "at most 65,535 files"));
    }
    let truth = request.truth.as_deref();
    let tables: Vec<Table> =
        request.files.iter().map(|f| Table::open(f, &request.mapping, truth)).collect::<Result<_>>()?;
    if let Some(truth) = truth
        && !tables.iter().any(Table::has_truth)
    {
        return Err(Problem::invalid("match_truth", format!("no file has a column `{truth}`")));
    }
    let files = tables.iter().zip(&request.files).map(|(t, path)| file_report(t, path)).collect();
    let mut records = Records::new(tables.iter().flat_map(Table::fields));
    if records.fields().is_empty() {
        let advice = "name them in a mapping (--map), for instance [columns] who = \"name\"";
        return Err(Problem::invalid("match_columns", format!("no column is one to match by; {advice}")));
    }
    let mut loaded = Loaded::default();
    for (i, table) in tables.into_iter().enumerate() {
        table.load(i as u16, &mut records, &mut loaded)?;
    }
    let defaults = Options::default();
    let options = Options {
        threshold: request.threshold.or(request.mapping.threshold),
        review_from: request.mapping.review_from.unwrap_or(defaults.review_from),
        one_per_source: request.one_per_file || request.mapping.one_per_file.unwrap_or(false),
        ..defaults
    };
    let (outcome, met) = {
        let (outcome, linker) = Outcome::with_linker(&records, &options, &spread);
        let entities =
            truth.map(|_| entities(&mut loaded, records.len(), request.truth_pattern.as_deref())).transpose()?;
        let met = entities.map(|e| {
            let ceiling = linker.ceiling(&e);
            (e, ceiling)
        });
        (outcome, met)
    };
    let clustered: usize = outcome.clusters.iter().map(Vec::len).sum();
    let (entities, ceiling) = met.unzip();
    if let Some(path) = &request.out {
        write_clusters(path, request, &outcome, &loaded, records.len())?;
    }
    let least = odds_bits(outcome.model.threshold);
    let zones = zones(&outcome, options.review_from, records.len());
    if let Some(path) = &request.pairs_out {
        write_pairs(path, request, &outcome, &loaded, options.review_from)?;
    }
    let linked = outcome.pairs.iter().filter(|p| p.bits >= least).map(|p| (p.a, p.b));
    Ok(MatchReport {
        pairs: entities.as_ref().map(|e| score_pairs(linked, e)),
        clusters: entities.as_ref().map(|e| score_clusters(&outcome.clusters, e)),
        threshold: outcome.model.threshold,
        expected: outcome.expected,
        cpu_seconds: 0.0,
        peak_memory_mb: 0.0,
        records: records.len(),
        cluster_count: outcome.clusters.len(),
        clustered,
        zones,
        blocking: Blocking { compared: outcome.yields.iter().map(|y| y.added).sum(), ceiling },
        rules: outcome.yields,
        files,
        unreadable: loaded.bad.iter().take(20).map(|(f, line, why)| place(request, *f, *line, why)).collect(),
        unreadable_count: loaded.bad.len(),
    })
}

fn file_report(table: &Table, path: &Path) -> FileReport {
    FileReport {
        file: path.display().to_string(),
        columns: table.meanings().into_iter().map(|(c, m)| (c, m.into())).collect(),
    }
}

fn place(request: &MatchRequest, file: u16, line: u64, why: &str) -> String {
    format!("{}:{line}: {why}", request.files[usize::from(file)].display())
}

/// FEBRL numbers its records `rec-N-org`, `rec-N-dup-K`: N is the person.
const FEBRL: &str = r"^rec-(\d+)-(?:org|dup)";

/// Who each record is, of the truth column.
fn entities(loaded: &mut Loaded, records: usize, pattern: Option<&str>) -> Result<Vec<Option<Box<str>>>> {
    loaded.truths.resize(records, None);
    let compile = |p: &str| {
        Regex::new(p)
            .map_err(|e| Problem::invalid("match_truth", format!("--truth-pattern is no regular expression: {e}")))
    };
    let febrl = compile(FEBRL)?;
    let pattern = match pattern {
        Some(p) => Some(compile(p)?),
        None if loaded.truths.iter().flatten().all(|t| febrl.is_match(t)) => Some(febrl),
        None => None,
    };
    let taken = std::mem::take(&mut loaded.truths);
    Ok(match pattern {
        None => taken,
        Some(p) => {
            let part = |t: &str| {
                let found = p.captures(t)?;
                Some(found.get(1).or_else(|| found.get(0))?.as_str().into())
            };
            taken.into_iter().map(|t| part(&t?)).collect()
        }
    })
}

/// The number of its cluster, for records in one.
fn cluster_of(outcome: &Outcome, records: usize) -> Vec<u32> {
    let mut of = vec![u32::MAX; records];
    for (i, cluster) in outcome.clusters.iter().enumerate() {
        for record in cluster {
            of[*record as usize] = i as u32;
        }
    }
    of
}

fn is_linked(of: &[u32], p: &Odds) -> bool {
    of[p.a as usize] != u32::MAX && of[p.a as usize] == of[p.b as usize]
}

fn zones(outcome: &Outcome, review_from: f64, records: usize) -> Zones {
    let of = cluster_of(outcome, records);
    let least = odds_bits(review_from);
    let link = outcome.clusters.iter().map(|c| c.len() * (c.len() - 1) / 2).sum();
    Zones { link, review: outcome.pairs.iter().filter(|p| !is_linked(&of, p) && p.bits >= least).count() }
}

fn create(path: &Path) -> Result<csv::Writer<BufWriter<File>>> {
    let file = File::create(path).map_err(|e| unwritable(path, &e))?;
    Ok(csv::Writer::from_writer(BufWriter::new(file)))
}

fn unwritable(path: &Path, e: &dyn std::fmt::Display) -> Problem {
    Problem::unavailable("match_out", format!("{} cannot be written: {e}", path.display()))
}

fn finish(path: &Path, writer: csv::Writer<BufWriter<File>>) -> Result<()> {
    let mut inner = writer.into_inner().map_err(|e| unwritable(path, &e))?;
    inner.flush().map_err(|e| unwritable(path, &e))
}

/// A row for each record: its cluster, file, line and key. Clusters are numbered in the order of their first records.
fn write_clusters(
    path: &Path,
    request: &MatchRequest,
    outcome: &Outcome,
    loaded: &Loaded,
    records: usize,
) -> Result<()> {
    let of = cluster_of(outcome, records);
    let mut number: Vec<u64> = vec![0; outcome.clusters.len()];
    let mut next = 0;
    let mut w = create(path)?;
    let fail = |e: csv::Error| unwritable(path, &e);
    w.write_record(["cluster", "file", "line", "id"]).map_err(fail)?;
    for (origin, cluster) in loaded.origins.iter().zip(&of) {
        let known = number.get(*cluster as usize).copied().filter(|n| *n > 0);
        let n = known.unwrap_or_else(|| {
            next += 1;
            if let Some(n) = number.get_mut(*cluster as usize) {
                *n = next;
            }
            next
        });
        let file = request.files[usize::from(origin.file)].display().to_string();
        let (n, line) = (n.to_string(), origin.line.to_string());
        w.write_record([&n, &file, &line, origin.key.as_deref().unwrap_or_default()]).map_err(fail)?;
    }
    finish(path, w)
}

fn write_pairs(
    path: &Path,
    request: &MatchRequest,
    outcome: &Outcome,
    loaded: &Loaded,
    review_from: f64,
) -> Result<()> {
    let of = cluster_of(outcome, loaded.origins.len());
    let mut w = create(path)?;
    let fail = |e: csv::Error| unwritable(path, &e);
    w.write_record(["file_a", "line_a", "id_a", "file_b", "line_b", "id_b", "probability", "zone"]).map_err(fail)?;
    let least = odds_bits(review_from);
    for p in &outcome.pairs {
        let zone = match (is_linked(&of, p), p.bits >= least) {
            (true, _) => "link",
            (false, true) => "review",
            (false, false) => continue,
        };
        let mut row: Vec<String> = Vec::with_capacity(8);
        for record in [p.a, p.b] {
            let o = &loaded.origins[record as usize];
            row.push(request.files[usize::from(o.file)].display().to_string());
            row.push(o.line.to_string());
            row.push(o.key.as_deref().unwrap_or_default().to_owned());
        }
        row.push(format!("{:.6}", probability(p.bits)));
        row.push(zone.to_owned());
        w.write_record(&row).map_err(fail)?;
    }
    finish(path, w)
}
