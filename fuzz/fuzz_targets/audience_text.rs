//! Any text read as a rule; what is read prints as a text that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use throughline_domain::audience::text::{MAX_BYTES, parse, parse_rule, print_rule};

fuzz_target!(|text: &str| {
    let Ok(definition) = parse(text, "UTC") else { return };
    let printed = print_rule(&definition.rule);
    // Quotes and escapes may make the printed text longer than what may be read.
    if printed.len() <= MAX_BYTES {
        assert_eq!(parse_rule(&printed), Ok(definition.rule));
    }
});
