//! Rows of the room `insight`: versions of prediction models, and scores of people.

use throughline_base::{PersonId, PredictionModelId, Timestamp};

use crate::db::{Result, Row, Tx, v};

/// A version of a model as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// Its id.
    pub id: PredictionModelId,
    /// What it predicts.
    pub kind: String,
    /// Counts up from 1 within the kind.
    pub version: i64,
    /// `live`, `retired` or `refused`.
    pub state: String,
    /// When.
    pub trained_at: Timestamp,
    /// JSON: what it was trained on and how.
    pub definition: String,
    /// JSON of the model; empty for one that was refused.
    pub parameters: String,
    /// JSON: how it did, or why it was refused.
    pub metrics: String,
    /// When people were last scored with it.
    pub scored_at: Option<Timestamp>,
    /// JSON: how many, and how far they have drifted.
    pub scoring: Option<String>,
}

/// Everything but the parameters, which may be long, reads as empty there.
const BRIEF: &str = "id, kind, version, state, trained_at, definition, '', metrics, scored_at, scoring";
const WHOLE: &str = "id, kind, version, state, trained_at, definition, parameters, metrics, scored_at, scoring";

fn model(r: &Row<'_>) -> Result<ModelRow> {
    Ok(ModelRow {
        id: PredictionModelId::new(r.i64(0)?),
        kind: r.text(1)?,
        version: r.i64(2)?,
        state: r.text(3)?,
        trained_at: r.at(4)?,
        definition: r.text(5)?,
        parameters: r.text(6)?,
        metrics: r.text(7)?,
        scored_at: r.opt_at(8)?,
        scoring: r.opt_text(9)?,
    })
}

/// Adds a version with the next number of its kind. A live one retires the one before it.
pub fn model_insert(tx: &mut Tx<'_>, m: &ModelRow) -> Result<i64> {
    if m.state == "live" {
        tx.exec("UPDATE prediction_model SET state = 'retired' WHERE kind = $1 AND state = 'live'", &[&m.kind])?;
    }
    let version =
        tx.query_one("SELECT COALESCE(MAX(version), 0) + 1 FROM prediction_model WHERE kind = $1", &[&m.kind], |r| {
            r.i64(0)
        })?;
    tx.exec(
        "INSERT INTO prediction_model (id, kind, version, state, trained_at, definition, parameters, metrics)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[&m.id, &m.kind, &version, &m.state, &m.trained_at, &m.definition, &m.parameters, &m.metrics],
    )?;
    Ok(version)
}

/// Removes versions of a kind that are neither live nor among its newest `keep`; returns how many.
pub fn models_trim(tx: &mut Tx<'_>, kind: &str, keep: i64) -> Result<u64> {
    tx.exec(
        "DELETE FROM prediction_model WHERE kind = $1 AND state <> 'live'
         AND version <= (SELECT MAX(version) FROM prediction_model WHERE kind = $1) - $2",
        &[&kind, &keep],
    )
}

/// The live version of every kind, whole.
pub fn models_live(tx: &mut Tx<'_>) -> Result<Vec<ModelRow>> {
    tx.query(&format!("SELECT {WHOLE} FROM prediction_model WHERE state = 'live' ORDER BY kind"), &[], model)
}

/// The live version and the newest of every kind, without parameters: `newest` is a refusal where that came last.
pub fn models_current(tx: &mut Tx<'_>) -> Result<Vec<ModelRow>> {
    tx.query(
        &format!(
            "SELECT {BRIEF} FROM prediction_model m WHERE state = 'live'
             OR version = (SELECT MAX(version) FROM prediction_model n WHERE n.kind = m.kind) ORDER BY kind, version"
        ),
        &[],
        model,
    )
}

/// Versions of a kind, the newest first, without parameters.
pub fn models_of(tx: &mut Tx<'_>, kind: &str, limit: u32) -> Result<Vec<ModelRow>> {
    tx.query(
        &format!("SELECT {BRIEF} FROM prediction_model WHERE kind = $1 ORDER BY version DESC LIMIT $2"),
        &[&kind, &i64::from(limit)],
        model,
    )
}

/// Retires the live versions of kinds that are not predicted any more, and removes their scores.
pub fn kinds_retire(tx: &mut Tx<'_>, kept: &[String]) -> Result<Vec<PersonId>> {
    let live: Vec<String> =
        tx.query("SELECT kind FROM prediction_model WHERE state = 'live' ORDER BY kind", &[], |r| r.text(0))?;
    let mut changed = Vec::new();
    for kind in live.into_iter().filter(|k| !kept.contains(k)) {
        tx.exec("UPDATE prediction_model SET state = 'retired' WHERE kind = $1 AND state = 'live'", &[&kind])?;
        changed.extend(tx.query(
            "DELETE FROM prediction_score WHERE kind = $1 RETURNING person_id",
            &[&kind],
            |r| Ok(PersonId::new(r.i64(0)?)),
        )?);
    }
    changed.sort_unstable();
    changed.dedup();
    Ok(changed)
}

/// Notes that people were scored with a version.
pub fn model_scored(tx: &mut Tx<'_>, id: PredictionModelId, at: Timestamp, scoring: &str) -> Result<u64> {
    tx.exec("UPDATE prediction_model SET scored_at = $2, scoring = $3 WHERE id = $1", &[&id, &at, &scoring])
}

/// What a model says of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    /// The person.
    pub person_id: PersonId,
    /// What is predicted.
    pub kind: String,
    /// A chance, or minor units.
    pub value: f64,
    /// The category of what predicts one.
    pub label: Option<String>,
    /// JSON: what it is made of.
    pub contributions: String,
    /// The version that said it.
    pub model_id: PredictionModelId,
    /// When it last changed.
    pub scored_at: Timestamp,
}

/// Saves scores; a score of the same person and kind is replaced.
pub fn scores_put(tx: &mut Tx<'_>, rows: &[ScoreRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO prediction_score (person_id, kind, value, label, contributions, model_id, scored_at) VALUES",
        rows.iter().map(|s| {
            [v(s.person_id), v(&s.kind), v(s.value), v(&s.label), v(&s.contributions), v(s.model_id), v(s.scored_at)]
        }),
        "ON CONFLICT (person_id, kind) DO UPDATE SET value = excluded.value, label = excluded.label, \
         contributions = excluded.contributions, model_id = excluded.model_id, scored_at = excluded.scored_at",
    )
}

/// Everything that is said of a person, by kind.
pub fn scores_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<ScoreRow>> {
    tx.query(
        "SELECT person_id, kind, value, label, contributions, model_id, scored_at FROM prediction_score
         WHERE person_id = $1 ORDER BY kind",
        &[&person],
        score,
    )
}

/// The scores of some people without what they are made of, in no given order: to see what changes.
pub fn scores_known(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<ScoreRow>> {
    tx.select_in(
        "SELECT person_id, kind, value, label, '', model_id, scored_at FROM prediction_score
         WHERE person_id IN ($list)",
        &[],
        persons,
        score,
    )
}

fn score(r: &Row<'_>) -> Result<ScoreRow> {
    Ok(ScoreRow {
        person_id: PersonId::new(r.i64(0)?),
        kind: r.text(1)?,
        value: r.f64(2)?,
        label: r.opt_text(3)?,
        contributions: r.text(4)?,
        model_id: PredictionModelId::new(r.i64(5)?),
        scored_at: r.at(6)?,
    })
}

/// A score as a fact about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The person.
    pub person: PersonId,
    /// What is predicted.
    pub kind: String,
    /// The chance or the money; of `next_category` the chance of [`Prediction::label`].
    pub value: f64,
    /// The category of what predicts one.
    pub label: Option<String>,
}

/// What is predicted of some people, in no given order.
pub fn predictions_of(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<Prediction>> {
    tx.select_in(
        "SELECT person_id, kind, value, label FROM prediction_score WHERE person_id IN ($list)",
        &[],
        persons,
        prediction,
    )
}

fn prediction(r: &Row<'_>) -> Result<Prediction> {
    Ok(Prediction { person: PersonId::new(r.i64(0)?), kind: r.text(1)?, value: r.f64(2)?, label: r.opt_text(3)? })
}

/// People with a score of a kind after `after`, ascending.
pub fn scored_after(tx: &mut Tx<'_>, kind: &str, after: PersonId, limit: u32) -> Result<Vec<PersonId>> {
    tx.query(
        "SELECT person_id FROM prediction_score WHERE kind = $1 AND person_id > $2 ORDER BY person_id LIMIT $3",
        &[&kind, &after, &i64::from(limit)],
        |r| Ok(PersonId::new(r.i64(0)?)),
    )
}

/// Removes the scores of a kind of some people.
pub fn scores_delete(tx: &mut Tx<'_>, kind: &str, persons: &[PersonId]) -> Result<u64> {
    let mut n = 0;
    for person in persons {
        n += tx.exec("DELETE FROM prediction_score WHERE person_id = $1 AND kind = $2", &[person, &kind])?;
    }
    Ok(n)
}

/// How many people have paid something, counted up to `most`.
pub fn buyers_up_to(tx: &mut Tx<'_>, most: i64) -> Result<i64> {
    tx.query_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM person WHERE revenue_minor > 0 LIMIT $1) AS buyer",
        &[&most],
        |r| r.i64(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn version(id: i64, kind: &str, state: &str) -> ModelRow {
        ModelRow {
            id: PredictionModelId::new(id),
            kind: kind.into(),
            version: 0,
            state: state.into(),
            trained_at: at(id),
            definition: "{}".into(),
            parameters: "{\"p\":1}".into(),
            metrics: "{}".into(),
            scored_at: None,
            scoring: None,
        }
    }

    fn score(person: i64, kind: &str, value: f64) -> ScoreRow {
        ScoreRow {
            person_id: PersonId::new(person),
            kind: kind.into(),
            value,
            label: (kind == "next_category").then(|| "护肤".into()),
            contributions: "[]".into(),
            model_id: PredictionModelId::new(1),
            scored_at: at(9),
        }
    }

    #[test]
    fn one_version_of_a_kind_is_live_and_a_refusal_leaves_it_so() {
        for (engine, db) in contract::engines() {
            db.write(|tx| {
                assert_eq!(model_insert(tx, &version(1, "a", "live"))?, 1);
                assert_eq!(model_insert(tx, &version(2, "b", "live"))?, 1);
                assert_eq!(model_insert(tx, &version(3, "a", "live"))?, 2);
                assert_eq!(model_insert(tx, &version(4, "a", "refused"))?, 3);
                model_scored(tx, PredictionModelId::new(3), at(5), "{\"people\":2}")?;
                let live: Vec<(i64, i64)> = models_live(tx)?.iter().map(|m| (m.id.get(), m.version)).collect();
                assert_eq!(live, [(3, 2), (2, 1)], "{engine}");
                assert_eq!(models_live(tx)?[0].parameters, "{\"p\":1}");
                let current = models_current(tx)?;
                assert_eq!(current.iter().map(|m| m.id.get()).collect::<Vec<_>>(), [3, 4, 2], "{engine}");
                assert_eq!(current[0].scoring.as_deref(), Some("{\"people\":2}"));
                assert!(current[0].parameters.is_empty());
                let all = models_of(tx, "a", 10)?;
                assert_eq!(all.iter().map(|m| m.state.as_str()).collect::<Vec<_>>(), ["refused", "live", "retired"]);
                assert_eq!(models_trim(tx, "a", 1)?, 1, "{engine}");
                assert_eq!(models_of(tx, "a", 10)?.len(), 2);
                assert_eq!(kinds_retire(tx, &["a".into()])?, []);
                assert_eq!(models_live(tx)?.len(), 1);
                Ok(())
            })
            .unwrap();
        }
    }

    #[test]
    fn scores_are_replaced_read_by_person_and_taken_away() {
        for (engine, db) in contract::engines() {
            db.write(|tx| {
                model_insert(tx, &version(1, "clv_365d", "live"))?;
                let rows = [score(1, "clv_365d", 5.0), score(2, "clv_365d", 7.5), score(2, "next_category", 0.25)];
                assert_eq!(scores_put(tx, &rows)?, 3);
                scores_put(tx, &[score(1, "clv_365d", 6.0)])?;
                let mut seen = predictions_of(tx, &[PersonId::new(1), PersonId::new(2), PersonId::new(3)])?;
                seen.sort_by(|a, b| (a.person, &a.kind).cmp(&(b.person, &b.kind)));
                let brief: Vec<(i64, &str, f64)> =
                    seen.iter().map(|p| (p.person.get(), p.kind.as_str(), p.value)).collect();
                assert_eq!(brief, [(1, "clv_365d", 6.0), (2, "clv_365d", 7.5), (2, "next_category", 0.25)], "{engine}");
                assert_eq!(seen[2].label.as_deref(), Some("护肤"));
                assert_eq!(scores_of(tx, PersonId::new(2))?, rows[1..].to_vec());
                assert_eq!(scored_after(tx, "clv_365d", PersonId::new(1), 10)?, [PersonId::new(2)]);
                assert_eq!(scores_delete(tx, "clv_365d", &[PersonId::new(1), PersonId::new(9)])?, 1);
                assert_eq!(kinds_retire(tx, &[])?, [PersonId::new(2)], "{engine}");
                assert_eq!(predictions_of(tx, &[PersonId::new(2)])?.len(), 1, "what has no live model is another's");
                let removed = crate::privacy::persons_delete(tx, &[PersonId::new(2)])?;
                assert!(removed.contains(&("prediction_score", 1)), "{engine}: an erased person has no score left");
                assert_eq!(predictions_of(tx, &[PersonId::new(2)])?, []);
                assert_eq!(buyers_up_to(tx, 200)?, 0);
                Ok(())
            })
            .unwrap();
        }
    }
}
