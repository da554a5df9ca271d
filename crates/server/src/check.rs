//! What a setting may be. A server that starts with a setting it does not obey is worse than one that does not start.

use throughline_app::settings::is_time_zone;
use throughline_base::{Currency, Problem};
use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// Refuses values that cannot work.
///
/// # Errors
/// `config_invalid`, naming the setting, its value and what it may be.
pub fn values(c: &Config) -> Result<(), Problem> {
    numbers(c)?;
    let s = &c.server;
    let port = s.listen.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
    if !matches!(port, Some(Ok(_))) {
        return Err(wrong("server.listen", &s.listen, "an address and a port such as 127.0.0.1:8080"));
    }
    let host = s.public_url.strip_prefix("https://").or_else(|| s.public_url.strip_prefix("http://"));
    if !s.public_url.is_empty() && host.is_none_or(|h| h.is_empty() || h.starts_with('/')) {
        return Err(wrong("server.public_url", &s.public_url, "empty, or an address such as https://data.example.com"));
    }
    if !is_time_zone(&c.report.time_zone) {
        return Err(wrong("report.time_zone", &c.report.time_zone, "an IANA name such as Asia/Shanghai"));
    }
    if c.report.currency.parse::<Currency>().is_err() {
        return Err(wrong("report.currency", &c.report.currency, "three letters such as CNY"));
    }
    if c.data.dir.as_os_str().is_empty() {
        return Err(wrong("data.dir", "", "a folder"));
    }
    if !matches!(c.log.format.as_str(), "text" | "json") {
        return Err(wrong("log.format", &c.log.format, "text or json"));
    }
    if EnvFilter::try_new(&c.log.level).is_err() {
        return Err(wrong(
            "log.level",
            &c.log.level,
            "error, warn, info, debug, or a filter such as info,throughline_app=debug",
        ));
    }
    Ok(())
}

fn numbers(c: &Config) -> Result<(), Problem> {
    let most = u64::from(u32::MAX);
    for (path, value, least, most) in [
        ("server.drain_seconds", c.server.drain_seconds, 0, 86_400),
        ("server.head_seconds", c.server.head_seconds, 1, 86_400),
        ("server.body_seconds", c.server.body_seconds, 1, 86_400),
        ("server.max_connections", c.server.max_connections as u64, 1, 1_000_000),
        ("store.cache_mb", c.store.cache_mb.into(), 1, 1_048_576),
        ("lake.buckets", c.lake.buckets.into(), 1, 1_024),
        ("lake.seal_after_seconds", c.lake.seal_after_seconds, 0, 31_536_000),
        ("lake.seal_rows", c.lake.seal_rows, 1, most),
        ("lake.compact_files", c.lake.compact_files as u64, 2, most),
        ("collect.queue_events", c.collect.queue_events as u64, 1, most),
        ("collect.max_body_kb", c.collect.max_body_kb as u64, 1, 1_048_576),
        ("collect.max_inflated_kb", c.collect.max_inflated_kb as u64, 1, 1_048_576),
        ("collect.max_event_kb", c.collect.max_event_kb as u64, 1, 1_048_576),
        ("collect.max_batch_events", c.collect.max_batch_events as u64, 1, most),
        ("security.session_days", c.security.session_days.into(), 1, 3_650),
        ("report.threads", c.report.threads as u64, 0, 1_024),
    ] {
        if !(least..=most).contains(&value) {
            return Err(wrong(path, &value.to_string(), &format!("a number from {least} to {most}")));
        }
    }
    Ok(())
}

fn wrong(path: &str, value: &str, expected: &str) -> Problem {
    Problem::invalid("config_invalid", format!("{path} is `{value}`; expected {expected}"))
}

/// Refuses variables that look like settings and are none: a misspelt one would be ignored without a word. Others that
/// begin with our name are left alone, as are those Kubernetes sets for a service of that name.
///
/// # Errors
/// `config_unknown`, naming the variable and the one that was probably meant.
pub fn variables<'a>(names: impl Iterator<Item = &'a str>, settings: &[String]) -> Result<(), Problem> {
    let known: Vec<String> = settings.iter().map(|path| variable(path)).collect();
    for name in names {
        let rest = name.strip_prefix("THROUGHLINE_").unwrap_or_default();
        if known.iter().any(|k| k == name) || is_of_kubernetes(rest) {
            continue;
        }
        let names_a_section = settings.iter().filter_map(|path| path.split('.').next()).any(|section| {
            let after = rest.strip_prefix(&section.to_uppercase());
            after.is_some_and(|a| a.is_empty() || a.starts_with('_'))
        });
        let near = known.iter().map(|k| (distance(k, name), k)).min();
        match near {
            Some((d, meant)) if names_a_section || d <= 2 => {
                return Err(Problem::invalid(
                    "config_unknown",
                    format!(
                        "the variable {name} is no setting; did you mean {meant}? `throughline config --default` lists all"
                    ),
                ));
            }
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// The variable of a setting.
pub fn variable(path: &str) -> String {
    format!("THROUGHLINE_{}", path.replace('.', "_").to_uppercase())
}

/// `…_SERVICE_HOST`, `…_SERVICE_PORT_HTTP`, `…_PORT`, `…_PORT_8080_TCP_ADDR`: where a service is.
fn is_of_kubernetes(rest: &str) -> bool {
    rest.ends_with("_SERVICE_HOST")
        || rest.contains("_SERVICE_PORT")
        || rest == "PORT"
        || rest.ends_with("_PORT")
        || (rest.starts_with("PORT_") || rest.contains("_PORT_")) && (rest.contains("_TCP") || rest.contains("_UDP"))
}

/// Edits between two names, two letters the wrong way round being one (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let swap = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + swap);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_variables_are_named_and_foreign_ones_are_left_alone() {
        let settings = ["lake.url".to_owned(), "server.listen".to_owned(), "data.dir".to_owned()];
        let ask = |name: &str| variables([name].into_iter(), &settings).map_err(|p| p.detail);
        for (name, meant) in [
            ("THROUGHLINE_LAEK_URL", "THROUGHLINE_LAKE_URL"),
            ("THROUGHLINE_LAKE_PATH", "THROUGHLINE_LAKE_URL"),
            ("THROUGHLINE_SERVER_LISTENS", "THROUGHLINE_SERVER_LISTEN"),
            ("THROUGHLINE_DATA", "THROUGHLINE_DATA_DIR"),
        ] {
            assert!(ask(name).unwrap_err().contains(meant), "{name}");
        }
        for name in [
            "THROUGHLINE_LAKE_URL",
            "THROUGHLINE_CONFIG",
            "THROUGHLINE_BOOTSTRAP_API_KEY",
            "THROUGHLINE_SHARED",
            "THROUGHLINE_TEST_POSTGRES_URL",
            "THROUGHLINE_SERVER_SERVICE_HOST",
            "THROUGHLINE_SERVER_PORT_8080_TCP_ADDR",
            "THROUGHLINE_PORT",
        ] {
            assert_eq!(ask(name), Ok(()), "{name}");
        }
    }
}
