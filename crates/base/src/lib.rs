//! What every room shares: typed ids, the clock, random numbers, money, instants, pages and problems.
//!
//! It knows no room. Start reading at [`id`]; everything that is stored or shown has one of those.

pub mod clock;
pub mod id;
pub mod money;
pub mod page;
pub mod problem;
pub mod rng;
pub mod time;

pub use clock::{Clock, FixedClock, SystemClock};
pub use id::{
    ApiKeyId, AudienceId, AudienceListId, AudienceVersionId, ComputedTraitId, ConsentId, ConversionId, DestinationId,
    EventId, FixId, HouseholdId, IdGen, IdentifierId, ImportId, JobId, LakeFileId, ParseIdError, PersonId, PersonaId,
    PredictionModelId, QuarantineId, RequestId, ReviewId, RunId, SourceId, SyncId, TagWorkId, UserId,
};
pub use money::{Currency, Money};
pub use page::{Cursor, Page};
pub use problem::{Problem, ProblemKind};
pub use rng::Rng;
pub use time::Timestamp;
