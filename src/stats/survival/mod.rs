//! How long until it happens, when not everybody could be watched to the end?
//!
//! Every function here works on [`Times`], counts by whole day of who had an event, who was
//! censored and who joined late. Such counts add up exactly over any split of the rows, so a table
//! of ten million children is a few thousand numbers.
//!
//! | question | function |
//! |---|---|
//! | what share has had no event by a day? | [`KaplanMeier`] |
//! | by when have half had it? | [`KaplanMeier::quantile`] |
//! | how long on average, up to a day? | [`KaplanMeier::restricted_mean`] |
//! | what share has had this event, where others may come first? | [`CumulativeIncidence`] |
//! | do groups differ by a day? | [`difference_by`], [`ratio_by`] |
//! | do their curves differ? | [`log_rank`]; of one event among several, [`gray`] |
//! | who has gone from which state to which, and how long were they there? | [`MultiState`] |
//! | how sure is a share, when brothers and sisters share their fate? | [`KaplanMeier::clustered`], [`CumulativeIncidence::clustered`] |
//! | and how sure is a difference between groups that share clusters? | [`clustered_difference_by`], [`clustered_ratio_by`] |
//!
//! # Conventions
//! R's survival package (T. Therneau), unless a function says otherwise: events come before
//! censorings on the same day, who joins on a day is at risk from the next, ties are exact. Where
//! R gives an interval of no width (nobody has had an event) or none (survival 0), there are no
//! limits and [`Reason::ZeroVariance`](super::Reason::ZeroVariance). A day after the last on which
//! anybody was watched has no figure ([`Reason::NotObserved`](super::Reason::NotObserved)), where R
//! can be told to go on with the last one.

mod aalen_johansen;
mod band;
mod clustered;
mod estimate;
mod followed;
mod gray;
mod horizon;
mod kaplan_meier;
mod log_rank;
mod multi_state;
mod quadratic;
mod quantile;
mod times;
mod weight;

pub use aalen_johansen::{CumulativeIncidence, IncidenceStep, IncidenceVariance};
pub use band::Band;
pub use clustered::Influenced;
pub(crate) use clustered::as_sure;
pub use estimate::Estimate;
pub use followed::Followed;
pub use gray::gray;
pub use horizon::{
    HorizonContrast, clustered_difference_by, clustered_ratio_by, difference_by, ratio_by,
};
pub use kaplan_meier::{KaplanMeier, SurvivalStep};
pub use log_rank::{LogRank, log_rank};
pub use multi_state::{Move, MultiState};
pub use times::{Days, Times};
pub use weight::LogRankWeight;
