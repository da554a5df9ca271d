//! `throughline audience list|show|create|edit|size|members|why|check`: who is in what, without a browser. It may run
//! beside a server, which keeps audiences current; without one, what is new is built at once.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use throughline_app::App;
use throughline_app::audience::{
    AudienceChange, AudienceItem, AudienceNew, AudienceVersion, Estimate, EstimateAsk, Explanation,
};
use throughline_app::team::Caller;
use throughline_base::{Cursor, PersonId, Problem};
use throughline_domain::audience::rule::Definition;
use throughline_domain::audience::text;

use crate::{Common, say, settings};

/// How long another process may go on building.
const BUILD: Duration = Duration::from_secs(600);
/// Members of one page.
const PAGE: u32 = 500;

/// What to do with audiences.
#[derive(Debug, Subcommand)]
pub enum AudienceVerb {
    /// Prints every audience with its size.
    List {
        /// With archived ones.
        #[arg(long)]
        archived: bool,
        /// Prints JSON, one audience a line.
        #[arg(long)]
        json: bool,
    },
    /// Prints an audience: its definition, its versions, how far building is.
    Show {
        /// Its key.
        key: String,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Makes an audience.
    Create {
        /// Its key: what programs and rules know it by.
        key: String,
        /// Its name for people.
        #[arg(long, default_value = "")]
        name: String,
        #[command(flatten)]
        definition: DefinitionArgs,
        /// Leaves building to a server that runs.
        #[arg(long)]
        later: bool,
    },
    /// Changes who is in an audience: a new version, which is built and takes the place of the one in force.
    Edit {
        /// Its key.
        key: String,
        #[command(flatten)]
        definition: DefinitionArgs,
        /// Why.
        #[arg(long, default_value = "")]
        note: String,
        /// Builds the version and leaves it beside the one in force, to be compared first.
        #[arg(long)]
        hold: bool,
        /// Leaves building to a server that runs.
        #[arg(long)]
        later: bool,
    },
    /// Prints how many a definition finds, or how many are in an audience.
    Size {
        /// Key of an audience; leave it out to ask about a definition.
        key: Option<String>,
        #[command(flatten)]
        definition: DefinitionArgs,
        /// Looks at a sample of people.
        #[arg(long)]
        sample: bool,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Prints the ids of everybody in an audience, with since when and why, separated by tabs.
    Members {
        /// Its key.
        key: String,
        /// At most so many.
        #[arg(long)]
        limit: Option<usize>,
    },
    /// Tells why a person is in an audience, or not.
    Why {
        /// The audience's key.
        key: String,
        /// The person: an id, or `namespace:value`, for instance `phone:13912345678`.
        person: String,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Checks a definition; without one, compares what is stored of everybody with a look at the whole history.
    Check {
        #[command(flatten)]
        definition: DefinitionArgs,
        /// Share of people looked at, from 0 to 1.
        #[arg(long, default_value_t = 1.0)]
        share: f64,
    },
}

/// A definition: text, or a file of text or JSON.
#[derive(Debug, Args)]
pub struct DefinitionArgs {
    /// The definition as text, for instance 'did "Order Completed" at least 2 times in the last 30d'.
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    rule: Option<String>,
    /// A file with the definition, as text or JSON.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl DefinitionArgs {
    fn read(&self, app: &App) -> Result<Option<Definition>, Problem> {
        let said = match (&self.rule, &self.file) {
            (Some(rule), _) => rule.clone(),
            (None, Some(path)) => std::fs::read_to_string(path)
                .map_err(|e| Problem::not_found("file", format!("cannot read {}: {e}", path.display())))?,
            (None, None) => return Ok(None),
        };
        if said.trim_start().starts_with('{') {
            return serde_json::from_str(&said)
                .map(Some)
                .map_err(|e| Problem::invalid("definition", format!("the definition cannot be read: {e}")));
        }
        text::parse(&said, &app.settings.time_zone)
            .map(Some)
            .map_err(|fault| Problem::invalid("definition_text", fault.to_string()))
    }

    fn needed(&self, app: &App) -> Result<Definition, Problem> {
        self.read(app)?.ok_or_else(|| Problem::invalid("definition_missing", "say who is in it with --rule or --file"))
    }
}

/// Runs the verb.
///
/// # Errors
/// When there is no database, no such audience, or the definition cannot be used.
pub fn run(common: &Common, verb: AudienceVerb) -> Result<(), Problem> {
    let app = settings::open_existing(common)?;
    let done = act(&app, verb);
    app.close();
    done
}

fn act(app: &App, verb: AudienceVerb) -> Result<(), Problem> {
    let by = Caller::cli();
    match verb {
        AudienceVerb::List { archived, json } => app
            .audience_list(archived)?
            .iter()
            .try_for_each(|a| say(&if json { as_json(a).to_string() } else { line(a) })),
        AudienceVerb::Show { key, json } => show(app, &key, json),
        AudienceVerb::Create { key, name, definition, later } => {
            let definition = definition.needed(app)?;
            let new = AudienceNew { key, name, description: String::new(), definition, announce: false };
            let made = app.audience_create(&by, &new)?;
            built(app, &made.key, later)
        }
        AudienceVerb::Edit { key, definition, note, hold, later } => {
            let definition = Some(definition.needed(app)?);
            let change = AudienceChange { definition, note, auto_apply: !hold, ..AudienceChange::default() };
            app.audience_update(&by, &key, &change)?;
            built(app, &key, later)
        }
        AudienceVerb::Size { key: Some(key), json, .. } => {
            let a = app.audience(&key)?.item;
            let size = a.live.as_ref().map_or(0, |v| v.size);
            let reach = app.audience_reach(&key, "")?;
            if json {
                let reach: serde_json::Map<String, Value> =
                    reach.iter().map(|r| (r.channel.to_owned(), r.people.into())).collect();
                return say(&json!({ "key": key, "size": size, "reach": reach }).to_string());
            }
            say(&size.to_string())
        }
        AudienceVerb::Size { key: None, definition, sample, json } => {
            let definition = definition.needed(app)?;
            let ask = EstimateAsk { definition, exact: !sample, compare: Vec::new(), purpose: String::new() };
            say(&sized(&app.audience_estimate(&ask, &AtomicBool::new(false))?, json))
        }
        AudienceVerb::Members { key, limit } => members(app, &key, limit),
        AudienceVerb::Why { key, person, json } => {
            let why = app.audience_why(found(app, &person)?, &key)?;
            if json {
                let tree = serde_json::to_value(&why.explanation).unwrap_or_default();
                let since = why.since_at.map(|t| t.to_string());
                return say(
                    &json!({ "person": why.person, "member": why.member, "since": since, "explanation": tree })
                        .to_string(),
                );
            }
            let since = why.since_at.map_or_else(String::new, |t| format!(" since {t}"));
            say(&format!("{} is {}in {key}{since}", why.person, if why.member { "" } else { "not " }))?;
            tree(&why.explanation, 0)
        }
        AudienceVerb::Check { definition, share } => check(app, &definition, share),
    }
}

/// Builds what is new, unless a server does.
fn built(app: &App, key: &str, later: bool) -> Result<(), Problem> {
    if !later {
        build(app)?;
    }
    show(app, key, false)
}

/// Follows the log to its end and builds what waits.
fn build(app: &App) -> Result<(), Problem> {
    app.react_all()?;
    if !app.audience_build_wait(BUILD)? {
        return Err(Problem::unavailable("audience_building", "what is new is still being built by another process"));
    }
    Ok(())
}

fn check(app: &App, definition: &DefinitionArgs, share: f64) -> Result<(), Problem> {
    if let Some(definition) = definition.read(app)? {
        let faults = app.audience_check(None, &definition)?.faults;
        if faults.is_empty() {
            return say(&text::print(&definition));
        }
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        return Err(Problem::invalid("audience_definition", told.join("\n")));
    }
    if !(0.0..=1.0).contains(&share) {
        return Err(Problem::invalid("share", "a share lies between 0 and 1"));
    }
    build(app)?;
    app.audience_timers_all()?;
    app.react_all()?;
    let verified = app.audience_verify(share, app.now().ms() as u64)?;
    for d in &verified.divergences {
        say(&format!("{}\t{}\tstored {}\tfrom the history {}", d.person, d.key, d.stored, d.fresh))?;
    }
    if verified.divergences.is_empty() {
        return say(&format!("{} people looked at, everything as the history says", verified.people));
    }
    let detail = format!("{} differences among {} people", verified.divergences.len(), verified.people);
    Err(Problem::internal("audience_diverges", detail))
}

fn members(app: &App, key: &str, limit: Option<usize>) -> Result<(), Problem> {
    let mut left = limit.unwrap_or(usize::MAX);
    let mut cursor: Option<Cursor> = None;
    while left > 0 {
        let page = app.audience_members(key, None, cursor, PAGE.min(u32::try_from(left).unwrap_or(PAGE)))?;
        for m in &page.items {
            say(&format!("{}\t{}\t{}", m.person.row.id, m.since_at, m.cause))?;
        }
        left -= page.items.len().min(left);
        cursor = page.next.as_deref().and_then(Cursor::decode);
        if cursor.is_none() {
            break;
        }
    }
    Ok(())
}

/// A person by id, or by `namespace:value`.
fn found(app: &App, person: &str) -> Result<PersonId, Problem> {
    if let Ok(id) = person.parse::<PersonId>() {
        return app.person_find(id);
    }
    let (namespace, value) = person.split_once(':').ok_or_else(|| {
        Problem::invalid("person", format!("`{person}` is no person: write an id, or namespace:value"))
    })?;
    app.person_by_identifier(namespace, value)
}

fn sized(e: &Estimate, json: bool) -> String {
    if json {
        let reach: serde_json::Map<String, Value> =
            e.reach.iter().map(|r| (r.channel.to_owned(), r.people.into())).collect();
        let overlap: Vec<Value> =
            e.overlap.iter().map(|o| json!({ "key": o.key, "both": o.both, "other": o.other })).collect();
        return json!({
            "exact": e.exact, "size": e.size, "low": e.low, "high": e.high, "people": e.people, "reach": reach,
            "overlap": overlap,
        })
        .to_string();
    }
    if e.exact { e.size.to_string() } else { format!("about {} ({} to {})", e.size, e.low, e.high) }
}

fn state(v: &AudienceVersion) -> &'static str {
    v.state.as_str()
}

fn line(a: &AudienceItem) -> String {
    let version = a.live.as_ref().map_or_else(|| "-".to_owned(), |v| v.number.to_string());
    let next = a.next.as_ref().map_or_else(String::new, |v| format!("  version {} {}", v.number, state(v)));
    let size = a.live.as_ref().map_or(0, |v| v.size);
    format!("{:24}  {:>10}  version {version}  {:8}  {}{next}", a.row.key, size, a.row.state, a.row.name)
}

fn as_json(a: &AudienceItem) -> Value {
    json!({
        "key": a.row.key, "name": a.row.name, "state": a.row.state, "size": a.live.as_ref().map_or(0, |v| v.size),
        "version": a.live.as_ref().map(|v| v.number), "next": a.next.as_ref().map(|v| json!({ "version": v.number, "state": state(v) })),
        "definition": a.live.as_ref().or(a.next.as_ref()).map(|v| &v.definition),
    })
}

fn show(app: &App, key: &str, json: bool) -> Result<(), Problem> {
    let d = app.audience(key)?;
    if json {
        return say(&as_json(&d.item).to_string());
    }
    say(&line(&d.item))?;
    if let Some(v) = d.item.live.as_ref().or(d.item.next.as_ref()) {
        say(&text::print(&v.definition))?;
    }
    for v in &d.versions {
        let error = v.error.as_ref().map_or_else(String::new, |e| format!("  {e}"));
        say(&format!("version {}  {:8}  {:>10}  {}  {}{error}", v.number, state(v), v.size, v.created_at, v.note))?;
    }
    Ok(())
}

/// The conditions of an answer, one a line.
fn tree(e: &Explanation, depth: usize) -> Result<(), Problem> {
    let found = e.found.as_ref().map_or_else(String::new, |f| format!(" found {f}"));
    let change = e.changes_at.map_or_else(String::new, |t| format!(" until {t} at least"));
    let params = if e.params.is_empty() { String::new() } else { format!(" {}", Value::Object(e.params.clone())) };
    say(&format!("{}{} {}{params}{found}{change}", "  ".repeat(depth), if e.holds { "yes" } else { "no " }, e.code))?;
    e.inside.iter().try_for_each(|inner| tree(inner, depth + 1))
}
