//! WCAG 2.2 A and AA, as far as axe-core can see it in a real browser, and what it does not look at: a page that is
//! wider than its window.

use serde_json::Value;

use crate::browser::Browser;

const AXE: &str = include_str!("../vendor/axe.min.js");
/// The rules of the three versions, levels A and AA.
const RULES: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']";

impl Browser {
    /// Puts axe-core into every page that is opened in this window from now on, which saves time where there are many.
    pub async fn with_axe(&self) {
        // Pages have a strict policy for scripts, which does not bind the browser's driver.
        self.on_every_page(AXE).await;
    }

    /// What keeps people from using the page that is open.
    pub async fn barriers(&self) -> Vec<String> {
        if self.script("return typeof axe").await == "undefined" {
            self.script(AXE).await;
        }
        let script = format!(
            "const told = await axe.run(document, {{ runOnly: {{ type: 'tag', values: {RULES} }}, resultTypes: \
             ['violations'] }}); return told.violations.map(({{ id, help, nodes }}) => ({{ id, help, nodes: \
             nodes.slice(0, 3).map((node) => node.target.join(' ') + ': ' + node.failureSummary) }}))"
        );
        let told = self.promise(&script).await;
        let told = told.unwrap_or_else(|error| panic!("axe did not run: {error}"));
        let of = |violation: &Value| {
            let text = |field: &str| violation[field].as_str().unwrap_or_default().to_owned();
            let nodes: Vec<&str> =
                violation["nodes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("{} ({})\n    {}", text("help"), text("id"), nodes.join("\n    ").replace('\n', "\n    "))
        };
        let mut barriers: Vec<String> = told.as_array().into_iter().flatten().map(of).collect();
        barriers.extend(self.too_wide().await.map(|what| format!("wider than the window: {what}")));
        barriers
    }

    /// What sticks out of the window to the right, where the page can be moved sideways.
    pub async fn too_wide(&self) -> Option<String> {
        let script = "const root = document.documentElement; if (root.scrollWidth <= root.clientWidth) return null; \
            const out = [...document.querySelectorAll('body *')].filter((one) => \
            one.getBoundingClientRect().right > root.clientWidth + 1); \
            return root.scrollWidth + ' px: ' + out.slice(-3).map((one) => one.outerHTML.slice(0, 120)).join(' | ')";
        self.script(script).await.as_str().map(str::to_owned)
    }
}
