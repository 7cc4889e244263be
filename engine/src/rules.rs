//! Alerting rules for people who let Prometheus alert on Hebe's metrics.
//!
//! The decisions are Hebe's: a prediction has persisted before its state says so, so that no rule waits or predicts.

use std::fmt::Write as _;

use crate::event::Severity;
use crate::finding::Status;

/// The states that alarm, worst first.
const ALARMS: [Status; 4] = [Status::Exhausted, Status::Critical, Status::Warning, Status::Watch];
/// The severities, worst first. One rule for each: two with the same labels are a mistake to Prometheus.
const SEVERITIES: [Severity; 3] = [Severity::Critical, Severity::Warning, Severity::Info];

/// The rules file in YAML.
#[must_use]
pub fn rules() -> String {
    let mut text = HEAD.to_owned();
    for severity in SEVERITIES {
        let states = ALARMS.into_iter().filter(|&status| Severity::of(status) == Some(severity));
        let states: Vec<&str> = states.map(Status::word).collect();
        let (states, severity) = (states.join("|"), severity.word());
        let _ = write!(
            text,
            r#"
      - alert: HebeExhaustion
        expr: hebe_forecast_state{{state=~"{states}"}} == 1
        labels:
          severity: {severity}
        annotations:
          summary: '{{{{ $labels.resource }}}} {{{{ $labels.scope }}}}: {{{{ $labels.state }}}}'
          description: '{SAYS}'
"#
        );
    }
    text + OWN
}

const HEAD: &str = "# Alerting rules on the metrics of Hebe. Made by `hebe export --rules`.
groups:
  - name: hebe
    rules:";

/// What is said. The time is looked up rather than joined: an alarm whose date has just been lost is an alarm still.
const SAYS: &str = concat!(
    r#"{{ $labels.resource }} {{ $labels.scope }} {{ if eq $labels.state "EXHAUSTED" }}is at its limit{{ else }}runs out"#,
    r#"{{ with printf "hebe_time_to_exhaustion_seconds{bound=\"mid\",instance=%q,resource=%q,scope=%q}""#,
    r#" $labels.instance $labels.resource $labels.scope | query }}"#,
    r#" in about {{ . | first | value | humanizeDuration }}{{ end }}{{ end }}. Who uses it up: hebe explain."#,
);

/// Hebe watched by Prometheus.
const OWN: &str = r"
      - alert: HebeDown
        expr: absent(hebe_build_info)
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: 'Hebe says nothing'
          description: 'No metrics of Hebe have been scraped for 5 minutes: nobody is watching what runs out.'

      - alert: HebeCollectorFailing
        expr: hebe_collector_success == 0
        for: 15m
        labels:
          severity: info
        annotations:
          summary: 'Hebe cannot read all of {{ $labels.source }}'
          description: 'What it cannot read, and why, is on its page.'

      - alert: HebeStoreFailing
        expr: hebe_store_success == 0
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: 'Hebe cannot write its store'
          description: 'It forecasts from memory. A restart would lose what was not written.'
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_that_alarms_has_a_rule_and_no_other() {
        let rules = rules();
        for status in ALARMS {
            assert!(status.is_alarm());
            let quoted = rules.split('"').filter(|text| text.split('|').any(|word| word == status.word()));
            assert!(0 < quoted.count(), "{rules}");
        }
        assert_eq!(rules.matches("hebe_forecast_state").count(), SEVERITIES.len());
        assert!(rules.contains("state=~\"EXHAUSTED|CRITICAL\"} == 1"), "{rules}");
    }
}
