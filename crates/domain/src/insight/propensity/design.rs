//! From features to the columns of a regression: logarithms of what is skewed, two knots so that an effect may bend, a
//! column for what is missing. Columns are centred on the average person and scaled to a deviation of one.

use serde::{Deserialize, Serialize};

use super::feature::FeatureUnit;

/// A column of the regression.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Place of its feature.
    pub feature: usize,
    /// What it is made of.
    pub shape: Shape,
    /// Mean over the people of the fit.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
}

/// How a column is made of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// The feature on its scale; the mean where it is missing.
    Line,
    /// What is above the knot; the mean where it is missing.
    Above(f64),
    /// 1 where it is missing.
    Missing,
}

/// All columns, and the units of the features they are made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// The columns, those of a feature together.
    pub columns: Vec<Column>,
    units: Vec<FeatureUnit>,
}

/// The scale on which a feature acts.
fn scaled(unit: FeatureUnit, value: f32) -> f64 {
    let value = f64::from(value);
    match unit {
        FeatureUnit::Days | FeatureUnit::Count | FeatureUnit::Ratio => value.max(0.0).ln_1p(),
        // Minor units: what is less than one of them is nothing.
        FeatureUnit::Money => value.max(0.0).ln_1p(),
        FeatureUnit::Share => value,
    }
}

impl Shape {
    /// The column before centring; `None` for the mean.
    fn value(self, scaled: f64) -> Option<f64> {
        match self {
            Self::Missing => Some(if scaled.is_nan() { 1.0 } else { 0.0 }),
            Self::Line | Self::Above(_) if scaled.is_nan() => None,
            Self::Line => Some(scaled),
            Self::Above(knot) => Some((scaled - knot).max(0.0)),
        }
    }
}

impl Design {
    /// The columns for rows of features. Features marked in `refused` get none, nor do those that do not vary.
    #[must_use]
    pub fn new(units: &[FeatureUnit], rows: &[Vec<f32>], refused: &[bool]) -> Self {
        let mut columns = Vec::new();
        for (feature, unit) in units.iter().enumerate().filter(|(i, _)| !refused[*i]) {
            let values: Vec<f64> =
                rows.iter().map(|r| if r[feature].is_nan() { f64::NAN } else { scaled(*unit, r[feature]) }).collect();
            let mut shapes = vec![Shape::Line];
            shapes.extend(knots(&values).into_iter().map(Shape::Above));
            shapes.push(Shape::Missing);
            for shape in shapes {
                let (mean, deviation) = moments(values.iter().filter_map(|v| shape.value(*v)));
                if deviation > 1e-6 {
                    columns.push(Column { feature, shape, mean, deviation });
                }
            }
        }
        Self { columns, units: units.to_vec() }
    }

    /// The columns of one person.
    pub fn row(&self, features: &[f32], out: &mut Vec<f64>) {
        out.clear();
        out.extend(self.columns.iter().map(|c| {
            let feature = features[c.feature];
            let scaled = if feature.is_nan() { f64::NAN } else { scaled(self.units[c.feature], feature) };
            c.shape.value(scaled).map_or(0.0, |v| (v - c.mean) / c.deviation)
        }));
    }
}

/// The thirds of the values that differ from the least: many people have done a thing not at all.
fn knots(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let Some(least) = sorted.first().copied() else { return Vec::new() };
    sorted.drain(..sorted.partition_point(|v| *v <= least));
    let mut knots: Vec<f64> = (1..3).filter_map(|i| sorted.get(sorted.len() * i / 3).copied()).collect();
    knots.dedup();
    knots.retain(|k| Some(k) != sorted.last());
    knots
}

fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    (mean, variance.sqrt())
}
