//! `throughline tag list|add|remove|merge|undo|works`: tags at the command line. Works on many people are done by a running
//! server, or by the next one that starts.

use clap::{Args, Subcommand};
use serde_json::json;
use throughline_app::App;
use throughline_app::store::TagWorkRow;
use throughline_app::tag::TagView;
use throughline_app::tag::work::{Verb, Whose};
use throughline_app::team::Caller;
use throughline_base::{Problem, TagWorkId, Timestamp};

use crate::{Common, say, settings};

/// What to do with tags.
#[derive(Debug, Subcommand)]
pub enum TagVerb {
    /// Prints every tag with how many people have it.
    List {
        /// Prints JSON, one tag a line.
        #[arg(long)]
        json: bool,
    },
    /// Puts a tag on everybody in an audience or on a list.
    Add {
        /// The tag.
        tag: String,
        #[command(flatten)]
        whose: WhoseArgs,
        /// When it ends: an instant such as 2026-12-31T00:00:00Z.
        #[arg(long)]
        expires_at: Option<String>,
    },
    /// Takes a tag off everybody in an audience or on a list, or off everybody.
    Remove {
        /// The tag.
        tag: String,
        #[command(flatten)]
        whose: WhoseArgs,
    },
    /// Gives everybody who has a tag another one instead.
    Merge {
        /// The tag that goes.
        from: String,
        /// The tag that stays.
        into: String,
    },
    /// Puts back what a work changed.
    Undo {
        /// The work's id.
        id: String,
    },
    /// Prints works on many people's tags, the newest first.
    Works,
}

/// Whose tags.
#[derive(Debug, Args)]
pub struct WhoseArgs {
    /// Key of an audience.
    #[arg(long, conflicts_with = "list")]
    audience: Option<String>,
    /// Key of a list.
    #[arg(long)]
    list: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// When there is no database, or no such tag, audience, list or work.
pub fn run(common: &Common, verb: TagVerb) -> Result<(), Problem> {
    let app = settings::open_existing(common)?;
    let done = act(&app, verb);
    app.close();
    done?.iter().try_for_each(|line| say(line))
}

fn act(app: &App, verb: TagVerb) -> Result<Vec<String>, Problem> {
    let by = Caller::cli();
    let begin =
        |verb, tag: &str, whose: &Whose, end| Ok(vec![work_line(&app.tag_work_begin(&by, verb, tag, whose, end)?)]);
    match verb {
        TagVerb::List { json } => Ok(app.tags()?.iter().map(|t| if json { as_json(t) } else { line(t) }).collect()),
        TagVerb::Add { tag, whose, expires_at } => {
            let end = expires_at.map(|text| {
                let detail = format!("`{text}` is no instant such as 2026-12-31T00:00:00Z");
                Timestamp::parse(&text).ok_or_else(|| Problem::invalid("instant", detail))
            });
            let whose = whose.named().ok_or_else(|| Problem::invalid("tag_work", "say --audience or --list"))?;
            begin(Verb::Add, &tag, &whose, end.transpose()?)
        }
        TagVerb::Remove { tag, whose } => {
            let whose = whose.named().unwrap_or_else(|| Whose::Tag(tag.clone()));
            begin(Verb::Remove, &tag, &whose, None)
        }
        TagVerb::Merge { from, into } => begin(Verb::Merge, &into, &Whose::Tag(from), None),
        TagVerb::Undo { id } => {
            let detail = format!("`{id}` is no id of a work; `throughline tag works` lists them");
            let id: TagWorkId = id.parse().map_err(|_| Problem::invalid("tag_work", detail))?;
            Ok(vec![work_line(&app.tag_work_undo(&by, id)?)])
        }
        TagVerb::Works => Ok(app.tag_works(None, 50)?.items.iter().map(work_line).collect()),
    }
}

impl WhoseArgs {
    fn named(self) -> Option<Whose> {
        self.audience.map(Whose::Audience).or(self.list.map(Whose::List))
    }
}

fn change(n: Option<i64>) -> String {
    n.map_or_else(|| "–".to_owned(), |n| format!("{n:+}"))
}

fn line(t: &TagView) -> String {
    let how = t.audience.as_ref().map_or_else(String::new, |key| format!("by audience {key}"));
    format!(
        "{:24}  {:>10} people  {:5.1} %  7 d {:>7}  30 d {:>7}  {}",
        t.name,
        t.people,
        t.share * 100.0,
        change(t.change_7d),
        change(t.change_30d),
        how
    )
}

fn as_json(t: &TagView) -> String {
    json!({ "name": t.name, "people": t.people, "share": t.share, "change_7d": t.change_7d,
        "change_30d": t.change_30d, "category": t.category, "audience": t.audience, "valid_days": t.valid_days,
        "synonyms": t.synonyms })
    .to_string()
}

fn work_line(w: &TagWorkRow) -> String {
    format!(
        "{}  {:6}  {:20}  of {} {:20}  {:8}  {} of {}, {} changed",
        w.id, w.verb, w.tag, w.of_kind, w.of_key, w.state, w.done, w.total, w.changed
    )
}
