//! How many tests passed and failed, read from what Cargo prints.

/// Passed and failed tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl Results {
    /// A step that has no tests of its own, and passed.
    pub fn passed_step() -> Results {
        Results { passed: 1, failed: 0 }
    }

    /// A step that failed before it could say how many tests did.
    pub fn failed_step() -> Results {
        Results { passed: 0, failed: 1 }
    }

    /// Adds those of another step.
    pub fn add(&mut self, other: Results) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Adds what a line like `test result: ok. 3 passed; 0 failed; …` says; other lines say nothing.
    pub fn read(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for (count, what) in counts.split("; ").filter_map(|part| part.split_once(' ')) {
            let Ok(count) = count.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_added_up() {
        let mut results = Results::default();
        results.read("test result: ok. 29 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.09s");
        results
            .read("test result: FAILED. 26 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.09s");
        results.read("test charges::test result: 5 passed");
        results.read("running 29 tests");
        results.add(Results::passed_step());
        assert_eq!(results, Results { passed: 56, failed: 3 });
    }
}
