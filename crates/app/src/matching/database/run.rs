//! One run over the database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;
use throughline_base::{IdentifierId, PersonId, Problem, ReviewId, Timestamp};
use throughline_domain::identity::Operation;
use throughline_domain::identity::matching::{
    Calibration, Edge, Linker, Model, Odds, Pairs, Records, all_new, odds_bits, probability, threshold,
};
use throughline_store::identity::{self as identities, ReviewRow};
use throughline_store::matching::{self as rows, ModelRow, PairRow};
use throughline_store::{Tx, event};

use super::{ANSWERS, LAST_RUN, MatchRun, MatchSettings, people, settings};
use crate::identity::operate::{By, act};
use crate::matching::spread;
use crate::team::Caller;
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

/// People read in one transaction.
const PAGE: u32 = 500;
/// Pairs written in one transaction.
const BATCH: usize = 200;
/// A model is fitted anew when there are so many times the people it was fitted to, or so many new answers.
const GROWTH: f64 = 1.25;
const NEW_ANSWERS: u64 = 20;
/// How items are closed that are not probable any more; they come back when they are again.
const SUPERSEDED: &str = "superseded";

/// A pair found, by places in the list of people.
struct Found {
    a: usize,
    b: usize,
    /// Before what answers have taught.
    odds: f64,
    probability: f64,
}

impl App {
    /// Matches people who say another thing than when they were last matched with everybody; everybody with everybody
    /// when a new model is fitted (because of `fit`, because there are many more people, or because of answers).
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn matching_run(&self, fit: bool) -> Result<MatchRun> {
        let started_at = self.now();
        let settings = self.db.read(settings)?;
        let (who, records) = self.matching_read()?;
        let (stored, model, answers) =
            self.db.read(|tx| Ok((rows::records(tx)?, rows::model_newest(tx)?, rows::answers(tx, ANSWERS)?)))?;
        let stored: HashMap<PersonId, i64> = stored.into_iter().collect();
        let known: Option<Model> = model.as_ref().and_then(|m| serde_json::from_str(&m.model).ok());
        let fits = known.filter(|m| {
            !fit && who.len() as f64 <= m.records as f64 * GROWTH + 50.0
                && (answers.len() as u64) < m.calibration.answers + NEW_ANSWERS
        });
        let fitted = fits.is_none();
        let content: Vec<i64> = (0..who.len() as u32).map(|r| records.content(r).cast_signed()).collect();
        let is_new = |r: u32| fitted || stored.get(&who[r as usize]).is_none_or(|old| *old != content[r as usize]);
        let changed = (0..who.len() as u32).filter(|r| is_new(*r)).count() as u64;
        let version = model.as_ref().map_or(1, |m| m.version + i64::from(fitted));
        let (linker, edges, compared) = match fits {
            Some(model) => {
                let linker = Linker::with_model(&records, model);
                let (edges, yields) = linker.score(&is_new, &spread);
                (linker, edges, yields.iter().map(|y| y.added).sum())
            }
            None => self.matching_fit(&records, version, &answers)?,
        };
        let found = found(&linker, &edges, &settings);
        let found = self.matching_allowed(found, &who)?;
        let run = MatchRun {
            started_at,
            people: who.len() as u64,
            changed,
            compared,
            model_version: version,
            fitted,
            ..MatchRun::default()
        };
        let is_changed: BTreeSet<PersonId> =
            (0..who.len() as u32).filter(|r| is_new(*r)).map(|r| who[r as usize]).collect();
        let mut run = self.matching_write(run, &linker.pairs(), &who, &found, &settings)?;
        run.withdrawn = self.matching_withdraw(&who, &found, &is_changed, fitted)?;
        self.matching_note(&who, &content, &stored)?;
        run.finished_at = self.now();
        let text = serde_json::to_string(&run).expect("a run is plain data");
        self.db.write(|tx| event::setting_put(tx, LAST_RUN, &text).map(drop))?;
        tracing::info!(
            people = run.people,
            compared = run.compared,
            review = run.review,
            linked = run.linked,
            "people matched"
        );
        Ok(run)
    }

    /// Everybody who is known, as records.
    fn matching_read(&self) -> Result<(Vec<PersonId>, Records)> {
        let mut records = people::empty();
        let mut who: Vec<PersonId> = Vec::new();
        loop {
            let after = who.last().copied().unwrap_or_else(|| PersonId::new(0));
            let page = self.db.read(|tx| {
                let ids = rows::people_after(tx, after, PAGE)?;
                people::facts(tx, &ids)
            })?;
            for facts in &page {
                facts.push(&mut records);
                who.push(facts.person);
            }
            if page.len() < PAGE as usize {
                return Ok((who, records));
            }
        }
    }

    /// Fits a model to everybody, with what answers have taught, and stores it.
    fn matching_fit<'a>(
        &self,
        records: &'a Records,
        version: i64,
        answers: &[(i64, bool)],
    ) -> Result<(Linker<'a>, Vec<Edge>, u64)> {
        let mut linker = Linker::fit(records, 1, version as u32, &spread);
        let (edges, yields) = linker.score(&all_new, &spread);
        linker.refine_priors(&edges);
        let odds: Vec<Odds> = edges.iter().map(|e| Odds { a: e.a, b: e.b, bits: linker.bits(e) }).collect();
        let (chosen, _) = threshold(&odds);
        let answers: Vec<(f64, bool)> = answers.iter().map(|(odds, same)| (*odds as f64 / 1e3, *same)).collect();
        let model = linker.model_mut();
        model.threshold = chosen;
        model.calibration = Calibration::learn(&answers);
        let text = serde_json::to_string(linker.model())
            .map_err(|e| Problem::internal("matching_model", "the model cannot be stored as JSON").caused_by(e))?;
        let row = ModelRow { version, at: self.now(), records: records.len() as i64, model: text };
        self.db.write(|tx| {
            rows::model_insert(tx, &row)?;
            rows::models_thin(tx, version)
        })?;
        Ok((linker, edges, yields.iter().map(|y| y.added).sum()))
    }

    /// Without the pairs of which somebody said that they are two.
    fn matching_allowed(&self, found: Vec<Found>, who: &[PersonId]) -> Result<Vec<Found>> {
        let mut apart: BTreeSet<(PersonId, PersonId)> = BTreeSet::new();
        for batch in found.chunks(BATCH) {
            let persons: BTreeSet<PersonId> = batch.iter().flat_map(|f| [who[f.a], who[f.b]]).collect();
            let persons: Vec<PersonId> = persons.into_iter().collect();
            self.db.read(|tx| {
                let nodes = identities::nodes_of_persons(tx, &persons)?;
                let owner: BTreeMap<IdentifierId, PersonId> = nodes.iter().map(|n| (n.id, n.person)).collect();
                let ids: Vec<IdentifierId> = owner.keys().copied().collect();
                for link in identities::cannot_links_of_nodes(tx, &ids)? {
                    if let (Some(x), Some(y)) = (owner.get(&link.a), owner.get(&link.b)) {
                        apart.insert((*x.min(y), *x.max(y)));
                    }
                }
                Ok(())
            })?;
        }
        let allowed = |f: &Found| {
            let (x, y) = (who[f.a], who[f.b]);
            !apart.contains(&(x.min(y), x.max(y)))
        };
        Ok(found.into_iter().filter(allowed).collect())
    }

    /// Writes pairs, links what may be linked and puts the rest in front of somebody.
    fn matching_write(
        &self,
        mut run: MatchRun,
        pairs: &Pairs<'_>,
        who: &[PersonId],
        found: &[Found],
        settings: &MatchSettings,
    ) -> Result<MatchRun> {
        let now = self.now();
        for batch in found.chunks(BATCH) {
            let stored: Vec<PairRow> = batch
                .iter()
                .map(|f| {
                    let (a, b) = sides(who, f);
                    let detail = json!(pairs.explain(f.a as u32, f.b as u32)).to_string();
                    let (odds, probability) = ((f.odds * 1e3).round() as i64, (f.probability * 1e6).round() as i64);
                    PairRow { a, b, version: run.model_version, odds, probability, detail, at: now }
                })
                .collect();
            let links = |f: &&Found| settings.auto_link && f.probability >= settings.link_from;
            let asked: Vec<ReviewRow> =
                batch.iter().filter(|f| !links(f)).map(|f| self.matching_item(who, f, now)).collect();
            run.review += self.db.write(|tx| {
                rows::pairs_put(tx, &stored)?;
                let mut added = identities::reviews_insert(tx, &asked)?;
                for item in &asked {
                    added += identities::review_reopen(tx, &item.kind, item.a, item.b, SUPERSEDED)?;
                }
                Ok(added)
            })?;
            for f in batch.iter().filter(links) {
                match self.db.write(|tx| link(tx, self, who, f, now)) {
                    Ok(true) => run.linked += 1,
                    Ok(false) => run.refused += 1,
                    // What the graph does not allow is not the run's failure.
                    Err(e) => {
                        tracing::debug!(error = %e, "a probable pair could not be linked");
                        run.refused += 1;
                    }
                }
            }
        }
        if run.linked > 0 {
            self.tasks.ring();
        }
        Ok(run)
    }

    fn matching_item(&self, who: &[PersonId], f: &Found, at: Timestamp) -> ReviewRow {
        let (a, b) = sides(who, f);
        ReviewRow {
            id: ReviewId::new(self.ids.next()),
            kind: "probable".to_owned(),
            a,
            b: Some(b),
            reason: format!("alike with a probability of {:.1} %", f.probability * 100.0),
            source_event: None,
            at,
            state: "open".to_owned(),
            decision: None,
            decided_by: None,
            decided_at: None,
            note: None,
        }
    }

    /// Closes open items about people who were matched anew and are not probable any more; returns how many.
    fn matching_withdraw(
        &self,
        who: &[PersonId],
        found: &[Found],
        changed: &BTreeSet<PersonId>,
        fitted: bool,
    ) -> Result<u64> {
        let probable: BTreeSet<(IdentifierId, IdentifierId)> = found.iter().map(|f| sides(who, f)).collect();
        let present: BTreeSet<PersonId> = who.iter().copied().collect();
        let gone = |id: IdentifierId| {
            let person = PersonId::new(id.get());
            fitted || changed.contains(&person) || !present.contains(&person)
        };
        let mut open = self.db.read(rows::pairs_open)?;
        open.retain(|pair| !probable.contains(pair) && (gone(pair.0) || gone(pair.1)));
        let mut withdrawn = 0;
        for batch in open.chunks(BATCH) {
            withdrawn += self.db.write(|tx| {
                let ids: Vec<IdentifierId> = batch.iter().map(|(a, _)| *a).collect();
                let mut n = 0;
                for row in identities::reviews_of_nodes(tx, &ids)? {
                    let about = row.b.is_some_and(|b| batch.contains(&(row.a, b)));
                    if row.kind == "probable" && about {
                        identities::review_decide(tx, row.id, SUPERSEDED, MATCHER, "", self.now())?;
                        n += 1;
                    }
                }
                rows::pairs_delete(tx, batch)?;
                Ok(n)
            })?;
        }
        Ok(withdrawn)
    }

    /// Notes what everybody said.
    fn matching_note(&self, who: &[PersonId], content: &[i64], stored: &HashMap<PersonId, i64>) -> Result<()> {
        let news: Vec<(PersonId, i64)> = who
            .iter()
            .zip(content)
            .filter(|(person, content)| stored.get(person) != Some(content))
            .map(|(person, content)| (*person, *content))
            .collect();
        for batch in news.chunks(BATCH * 5) {
            self.db.write(|tx| rows::records_put(tx, batch).map(drop))?;
        }
        let present: BTreeSet<PersonId> = who.iter().copied().collect();
        let gone: Vec<PersonId> = stored.keys().copied().filter(|p| !present.contains(p)).collect();
        for batch in gone.chunks(BATCH * 5) {
            self.db.write(|tx| rows::records_delete(tx, batch).map(drop))?;
        }
        Ok(())
    }
}

/// Who the log says it was.
const MATCHER: &str = "matcher";

/// The identifiers that the ids of the two come from, the smaller first.
fn sides(who: &[PersonId], f: &Found) -> (IdentifierId, IdentifierId) {
    let (a, b) = (IdentifierId::new(who[f.a].get()), IdentifierId::new(who[f.b].get()));
    (a.min(b), a.max(b))
}

/// Pairs to show or to link, the likeliest first.
fn found(linker: &Linker<'_>, edges: &[Edge], settings: &MatchSettings) -> Vec<Found> {
    let least = odds_bits(settings.review_from.min(settings.link_from));
    let mut out: Vec<Found> = edges
        .iter()
        .map(|e| (e, linker.bits(e)))
        .filter(|(_, bits)| *bits >= least)
        .map(|(e, bits)| Found {
            a: e.a as usize,
            b: e.b as usize,
            odds: f64::from(e.evidence) + linker.model().prior_bits(0, 0),
            probability: probability(bits),
        })
        .collect();
    out.sort_by(|x, y| y.probability.total_cmp(&x.probability).then((x.a, x.b).cmp(&(y.a, y.b))));
    out
}

/// Links a pair within the limits; whether it is one person now. An open item about it is settled.
fn link(tx: &mut Tx<'_>, app: &App, who: &[PersonId], f: &Found, now: Timestamp) -> Stored<bool> {
    let (a, b) = sides(who, f);
    let score = (f.probability * 1e3).floor() as u16;
    let caller = Caller::matcher();
    let by = By { caller: &caller, note: "" };
    let decided = act(tx, app, by, &Operation::Match { a, b, score })?;
    let one = decided.graph.person_of(a) == decided.graph.person_of(b);
    if one {
        for row in identities::reviews_of_nodes(tx, &[a, b])? {
            if row.kind == "probable" && (row.a, row.b) == (a, Some(b)) {
                identities::review_decide(tx, row.id, "merge", MATCHER, "", now)?;
            }
        }
    }
    Ok(one)
}
