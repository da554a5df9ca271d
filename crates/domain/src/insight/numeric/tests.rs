use super::*;

/// Rows of numbers under a header.
fn table<const N: usize>(text: &str) -> Vec<[f64; N]> {
    let row = |line: &str| {
        let mut cells = line.split(',').map(|c| c.parse::<f64>().unwrap());
        std::array::from_fn(|_| cells.next().unwrap())
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn gauss_function_has_the_digits_of_a_calculation_with_sixty() {
    let rows = table::<5>(include_str!("gauss_tail.csv"));
    assert!(rows.len() >= 100);
    for [a, b, c, z, want] in rows {
        let got = gauss_tail(a, b, c, z);
        let near = (got - want).abs() <= 1e-11 * want.abs().max(1.0);
        assert!(near, "a {a} b {b} c {c} z {z}: {got} {want}");
        if a > 0.0 && b > 0.0 {
            let got = ln_gauss_tail_positive(a, b, c, z);
            assert!((got - want.ln()).abs() < 1e-11, "a {a} b {b} c {c} z {z}: {got} {}", want.ln());
        }
    }
}

#[test]
fn gauss_function_meets_its_elementary_cases() {
    for i in 1..100 {
        let z = f64::from(i) / 100.0;
        // ₂F₁(1, 1; 2; z) = -ln(1-z)/z, ₂F₁(a, b; b; z) = (1-z)^-a.
        let log = 1.0 + z / 2.0 * gauss_tail(1.0, 1.0, 2.0, z);
        assert!((log - -(-z).ln_1p() / z).abs() < 1e-12 * log, "{z}");
        let power = 1.0 + 0.7 * z * gauss_tail(0.7, 3.3, 3.3, z);
        assert!((power - (1.0 - z).powf(-0.7)).abs() < 1e-12 * power, "{z}");
    }
}

#[test]
fn digamma_is_the_slope_of_ln_gamma() {
    // ψ(1) = -γ, ψ(½) = -γ - 2 ln 2.
    const EULER: f64 = 0.577_215_664_901_532_9;
    assert!((digamma(1.0) + EULER).abs() < 1e-14);
    assert!((digamma(0.5) + EULER + 2.0 * std::f64::consts::LN_2).abs() < 1e-14);
    for x in [0.01, 0.3, 2.0, 9.99, 10.01, 250.0, 1e6] {
        let h = 1e-4 * x;
        let want = (ln_gamma(x + h) - ln_gamma(x - h)) / (2.0 * h);
        assert!((digamma(x) - want).abs() < 1e-6 * want.abs().max(1.0), "{x}");
    }
}

#[test]
fn the_minimiser_finds_the_bottom_of_a_bent_valley() {
    // Rosenbrock's function.
    let f = |p: &[f64; 2]| {
        let (a, b) = (1.0 - p[0], p[1] - p[0] * p[0]);
        (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * p[0] * b, 200.0 * b])
    };
    let found = minimise([-1.2, 1.0], f);
    assert!(found.converged && (found.at[0] - 1.0).abs() < 1e-8 && (found.at[1] - 1.0).abs() < 1e-8, "{found:?}");
    assert!((found.inverse_hessian[0][0] - 0.5).abs() < 1e-3, "{found:?}");
}

#[test]
fn a_system_is_solved_and_one_that_is_not_definite_is_refused() {
    let mut m = vec![4.0, 0.0, 2.0, 5.0];
    cholesky(&mut m, 2).unwrap();
    let mut v = [8.0, 14.0];
    cholesky_solve(&m, 2, &mut v);
    assert!((v[0] - 0.75).abs() < 1e-12 && (v[1] - 2.5).abs() < 1e-12, "{v:?}");
    assert!(cholesky(&mut [1.0, 0.0, 2.0, 1.0], 2).is_none());
}

#[test]
fn ranks_of_equal_values_are_their_mean() {
    assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), vec![3.5, 1.0, 3.5, 2.0]);
    assert!((spearman(&[1.0, 2.0, 3.0], &[1.0, 8.0, 27.0]) - 1.0).abs() < 1e-12);
    assert!(pearson(&[1.0, 1.0], &[1.0, 2.0]).abs() < f64::EPSILON);
}
