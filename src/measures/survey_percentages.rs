//! What share of the base gave each answer?

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::codes::Codes;
use crate::engine::measure::{Info, Measure, Merge, Place, Role, Tally};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::people::Series;
use crate::engine::person::PersonColumn;
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::proportion::{ProportionMethod, proportion};
use crate::stats::reason::Reason;

use super::outcome::{self, wilson};
use super::respondents::Respondents;

/// What share of the base gave each answer?
///
/// # Population and unit
/// Respondents, once each for an item however often an answer stands there. Numerator: respondents
/// who gave the answer. Denominator, by `base`:
///
/// - `answering`: respondents who gave any answer to the item;
/// - `eligible`: respondents with a row for the item, also those whose answer is null;
/// - `responses`: the answers given, so that a respondent who ticks three boxes counts three times.
///
/// With `multiple`, a respondent may give several answers to an item and the shares may add up to
/// more than 1. Without it, a respondent with two different answers to an item is set aside.
///
/// # Interval
/// Two-sided; Wilson's score interval unless `method` says otherwise. Respondents are taken as a
/// simple random sample of a large population. Under the base `responses` of a `multiple` item the
/// answers of one respondent hang together, so the interval is a rough guide, and a note says so.
///
/// # Nulls and edges
/// A null answer is item non-response: the respondent is eligible and not answering. Rows without a
/// respondent or an item are set aside, counted and listed. All rows of a respondent who is set aside
/// for contradicting answers are dropped. An item that nobody
/// answered has one row with a null answer and no value. An answer that another group gave and
/// this group did not has a row with numerator 0.
///
/// # Merging
/// For each respondent the set of answers. Exact.
///
/// # Reveals
/// How many gave each answer, how many did not, and each base.
///
/// # Errors
/// `Spec` for an unknown base or method, where `every` is given, and for weights and designs, which
/// this version does not compute.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// use wholefamily::{Measure, Options, measures::SurveyPercentages};
///
/// let responses = RecordBatch::try_from_iter([
///     ("respondent_id", Arc::new(Int64Array::from(vec![1, 2, 3])) as ArrayRef),
///     ("item", Arc::new(StringArray::from(vec!["useful"; 3]))),
///     ("answer", Arc::new(StringArray::from(vec![Some("yes"), Some("no"), None]))),
/// ])?;
/// let answering = SurveyPercentages::default().run(&[responses], &Options::default())?;
/// assert_eq!(answering.values(), [Some(0.5), Some(0.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Wilson (1927), JASA 22. SPSS and many others call the bases "valid cases", "cases" and "responses".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyPercentages {
    /// The column that holds the answer.
    #[serde(default = "answer")]
    pub answer: String,
    /// The column that names the question.
    #[serde(default = "item")]
    pub item: String,
    /// The column that says who answered.
    #[serde(default = "respondent_id")]
    pub respondent: String,
    /// Who the shares are of: `answering`, `eligible` or `responses`.
    #[serde(default = "answering")]
    pub base: String,
    /// Whether a respondent may give several answers to an item.
    #[serde(default)]
    pub multiple: bool,
    /// Survey weights: refused by this version.
    #[serde(default)]
    pub weight: Option<String>,
    /// Sampling strata: refused by this version.
    #[serde(default)]
    pub stratum: Option<String>,
    /// Sampling clusters: refused by this version.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The size of a finite population: refused by this version.
    #[serde(default)]
    pub population: Option<serde_json::Value>,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

fn answer() -> String {
    "answer".to_owned()
}

fn item() -> String {
    "item".to_owned()
}

fn respondent_id() -> String {
    "respondent_id".to_owned()
}

fn answering() -> String {
    "answering".to_owned()
}

const BASES: &[&str] = &["answering", "eligible", "responses"];

impl Default for SurveyPercentages {
    fn default() -> Self {
        Self {
            answer: answer(),
            item: item(),
            respondent: respondent_id(),
            base: answering(),
            multiple: false,
            weight: None,
            stratum: None,
            cluster: None,
            population: None,
            method: wilson(),
        }
    }
}

/// Responses, checked.
pub struct ResponseColumns {
    respondents: PersonColumn,
    answers: Codes,
    /// A number for each code of an answer, the same wherever the answer occurs.
    digests: Vec<u64>,
    /// Rows without a respondent or an item.
    unusable: Vec<usize>,
}

/// The states of a chunk's groups.
pub struct ResponseTally(Vec<Respondents>);

impl Tally for ResponseTally {
    type State = Respondents;
    type Columns = ResponseColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &ResponseColumns, rows: Range<usize>) {
        let first = rows.start;
        let from = columns.unusable.partition_point(|row| *row < first);
        let mut unusable = columns.unusable.iter().skip(from).peekable();
        columns.respondents.each(rows, |row, respondent| {
            let group = groups.get(row - first).map_or(0, |group| group.place());
            let Some(state) = self.0.get_mut(group) else { return };
            let usable = unusable.next_if(|bad| **bad == row).is_none();
            let code = columns.answers.code(row) as usize;
            let answer = columns.answers.values().get(code).unwrap_or(&Value::Null);
            let digest = columns.digests.get(code).copied().unwrap_or(0);
            match (usable, respondent, answer) {
                (true, Some(respondent), answer) => state.see(respondent, answer, digest),
                _ => state.unusable += 1,
            }
        });
    }

    fn settle(mut self) -> Vec<Respondents> {
        self.0.iter_mut().for_each(|state| state.people.settle());
        self.0
    }
}

/// How many of one group and item gave each answer, and the bases.
#[derive(Debug, Default)]
struct Counts {
    gave: Series,
    answering: u64,
    eligible: u64,
    responses: u64,
    contradictory: u64,
    contradictory_rows: u64,
    contradictory_nulls: u64,
}

impl Merge for Counts {
    fn merge(&mut self, other: Self) {
        self.gave.merge(other.gave);
        self.answering += other.answering;
        self.eligible += other.eligible;
        self.responses += other.responses;
        self.contradictory += other.contradictory;
        self.contradictory_rows += other.contradictory_rows;
        self.contradictory_nulls += other.contradictory_nulls;
    }

    fn is_empty(&self) -> bool {
        self.eligible + self.contradictory == 0
    }
}

impl SurveyPercentages {
    fn counts(&self, state: &Respondents) -> Counts {
        state.people.sum(|counts: &mut Counts, given| {
            if !self.multiple && given.answers.len() > 1 {
                counts.contradictory += 1;
                counts.contradictory_rows += given.rows;
                counts.contradictory_nulls += given.nulls;
                return;
            }
            counts.eligible += 1;
            counts.answering += u64::from(!given.answers.is_empty());
            counts.responses += given.answers.len() as u64;
            for answer in &given.answers {
                counts.gave.add(*answer as usize, 1);
            }
        })
    }

    /// For each item, the answers that any group gave to it, in order.
    fn answers<'a>(
        tallied: &Tallied<'a, Respondents>,
    ) -> BTreeMap<&'a [Value], BTreeSet<&'a Value>> {
        let mut answers: BTreeMap<&[Value], BTreeSet<&Value>> = BTreeMap::new();
        for group in &tallied.groups {
            answers.entry(group.own).or_default().extend(group.state.answers.values());
        }
        answers
    }

    fn row(
        &self,
        place: usize,
        group: &Group<'_, Respondents>,
        answer: &Value,
        counts: &Counts,
        method: ProportionMethod,
        level: Level,
    ) -> Row {
        let known = group.state.answers.place(answer);
        let gave = known.map_or(0, |known| counts.gave.at(known as usize) as u64);
        let base = match self.base.as_str() {
            "answering" => counts.answering,
            "eligible" => counts.eligible,
            _ => counts.responses,
        };
        let interval = proportion(gave, base, method, level);
        let mut own = group.own.to_vec();
        own.push(answer.clone());
        let rows = group.state;
        let mut used = rows.answered.saturating_sub(counts.contradictory_rows);
        if self.base == "eligible" {
            used += rows.unanswered.saturating_sub(counts.contradictory_nulls);
        }
        Row {
            group: place,
            period: None,
            own,
            interval,
            unit: "share".to_owned(),
            numerator: Some(gave as i64),
            denominator: Some(base as f64),
            method: method.word().to_owned(),
            used,
            dropped: rows.answered + rows.unanswered + rows.unusable - used,
            reveals: vec![
                gave,
                base.saturating_sub(gave),
                counts.answering,
                counts.eligible,
                counts.eligible.saturating_sub(counts.answering),
                counts.responses,
                counts.contradictory,
            ],
        }
    }
}

impl Measure for SurveyPercentages {
    type State = Respondents;
    type Columns = ResponseColumns;
    type Tally = ResponseTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "survey_percentages",
        class: "SurveyPercentages",
        question: "What share of the base gave each answer?",
        unit: "share",
        own_keys: &["item", "answer"],
        required: &[],
        words: &[("base", BASES), ("method", outcome::METHODS)],
        references: &[
            "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209–212",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        outcome::method(&self.method)?;
        if !BASES.contains(&self.base.as_str()) {
            return Err(Error::unknown_word("base", &self.base, BASES));
        }
        let designs = [
            ("weight", self.weight.is_some()),
            ("stratum", self.stratum.is_some()),
            ("cluster", self.cluster.is_some()),
            ("population", self.population.is_some()),
        ];
        if let Some((field, _)) = designs.iter().find(|(_, given)| *given) {
            return Err(Error::spec(format!(
                "`{field}` is not computed by this version: percentages are unweighted, of a simple random sample; leave it out"
            )));
        }
        if options.every.is_some() {
            return Err(Error::spec(
                "responses have no date to make periods of; group by the column of the wave instead",
            ));
        }
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::new("item", &self.item),
            Role::new("answer", &self.answer),
            Role::new("respondent", &self.respondent),
        ]
    }

    fn own_groups(&self) -> Vec<String> {
        vec![self.item.clone()]
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<ResponseColumns> {
        let respondents = chunk.people(&self.respondent, "respondent")?;
        let answers = chunk.codes(&self.answer, "answer")?;
        let items = chunk.codes(&self.item, "item")?;
        let mut unusable = Vec::new();
        if respondents.may_be_null() {
            respondents.each(0..chunk.rows(), |row, respondent| {
                if respondent.is_none() {
                    let problem = "no respondent is named: row set aside";
                    account.note(&self.respondent, problem, chunk.row(row), || "null".to_owned());
                    unusable.push(row);
                }
            });
        }
        if items.values().contains(&Value::Null) {
            let missing = items.flags(|value| Some(*value == Value::Null));
            for row in (0..missing.len()).filter(|row| missing.value(*row)) {
                let problem = "no item is named: row set aside";
                account.note(&self.item, problem, chunk.row(row), || "null".to_owned());
                unusable.push(row);
            }
            unusable.sort_unstable();
            unusable.dedup();
        }
        let digests = answers.values().iter().map(Value::digest).collect();
        Ok(ResponseColumns { respondents, answers, digests, unusable })
    }

    fn tally(&self, groups: usize) -> ResponseTally {
        ResponseTally(vec![Respondents::default(); groups])
    }

    fn finish(&self, tallied: &Tallied<'_, Respondents>, _options: &Options) -> Result<Vec<Row>> {
        let method = outcome::method(&self.method)?;
        let items = Self::answers(tallied);
        let answers =
            |group: &Group<'_, Respondents>| items.get(group.own).map_or(0, BTreeSet::len);
        let rows: usize = tallied.groups.iter().map(answers).sum();
        check_size(rows, 1, "answers in free text are no shares: put them into classes first")?;
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            if group.own.contains(&Value::Null) {
                continue;
            }
            let counts = self.counts(group.state);
            let answers = items.get(group.own).into_iter().flatten();
            let before = rows.len();
            rows.extend(
                answers
                    .map(|answer| self.row(place, group, answer, &counts, method, tallied.level)),
            );
            if rows.len() == before {
                // Nobody answered the item in any group: it stays in the table, without a share.
                let mut unanswered =
                    self.row(place, group, &Value::Null, &counts, method, tallied.level);
                unanswered.interval = Interval::undefined(Reason::NoRows);
                rows.push(unanswered);
            }
        }
        Ok(rows)
    }

    fn notes(&self, states: &mut dyn Iterator<Item = &Respondents>) -> Vec<String> {
        let contradictory: u64 = states.map(|state| self.counts(state).contradictory).sum();
        let mut notes = Vec::new();
        if contradictory > 0 {
            notes.push(format!(
                "{}: different answers by one respondent to one item: the respondent was set aside for that item ({contradictory} in all); where several answers are allowed, set multiple",
                self.answer
            ));
        }
        if self.multiple && self.base == "responses" {
            notes.push(
                "the base is answers, and answers of one respondent hang together: the intervals are a rough guide; the base 'answering' counts each respondent once".to_owned(),
            );
        }
        notes
    }
}
