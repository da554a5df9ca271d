//! Identifiers that joined too many people in a day: released, or blocked for good.

use serde_json::json;
use throughline_base::{Cursor, IdentifierId, Page, Problem};
use throughline_domain::identity::{NodeState, Operation};
use throughline_store::{Tx, identity as store};

use super::operate::{By, act};
use crate::team::{Caller, audit};
use crate::{App, Result};

/// What is done with a suspended identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuspendedAction {
    /// It links again, from its next event on.
    Release,
    /// It links nothing, now, later and in the past.
    Block,
}

impl SuspendedAction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Block => "block",
        }
    }
}

impl App {
    /// Suspended identifiers, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn suspended(&self, cursor: Option<Cursor>, limit: u32) -> Result<Page<NodeState>> {
        Ok(self.db.read(|tx| store::suspended(tx, cursor, limit))?)
    }

    /// Releases or blocks a suspended identifier.
    ///
    /// # Errors
    /// When it is not suspended.
    pub fn suspended_act(&self, caller: &Caller, id: IdentifierId, action: SuspendedAction) -> Result<()> {
        self.db.write(|tx| {
            let node = store::nodes_by_id(tx, &[id])?.into_iter().next();
            if node.is_none_or(|n| n.suspended_at.is_none() || n.blocked) {
                let text = format!("{id} is not suspended; somebody may have decided already");
                return Err(Problem::not_found("not_suspended", text).into());
            }
            let operation = match action {
                SuspendedAction::Release => Operation::Unblock { node: id },
                SuspendedAction::Block => Operation::Block { node: id },
            };
            act(tx, self, By { caller, note: "" }, &operation)?;
            self.suspension_settled(tx, caller, id, action)?;
            let object = id.to_string();
            audit(tx, self, &caller.actor, "identity.suspended", &object, &json!({ "action": action.as_str() }))
        })?;
        self.tasks.ring();
        Ok(())
    }

    /// Closes the item of the review queue that asked for this decision.
    fn suspension_settled(
        &self,
        tx: &mut Tx<'_>,
        caller: &Caller,
        id: IdentifierId,
        action: SuspendedAction,
    ) -> throughline_store::Result<()> {
        for row in store::reviews_of_nodes(tx, &[id])?.into_iter().filter(|r| r.kind == "suspended" && r.a == id) {
            store::review_decide(tx, row.id, action.as_str(), &caller.actor, "", self.now())?;
        }
        Ok(())
    }
}
