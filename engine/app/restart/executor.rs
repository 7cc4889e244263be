//! The executor: one door for people and for the daemon.
//!
//! No entry in the journal, no action. What was decided is looked at once more under the lock; what a crash has left
//! open is finished first.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use hebe::event::action::{self, Action, ActionEvent};
use hebe::restart::cause::Cause;
use hebe::restart::history::Outcome;
use hebe::restart::hold::{Code, Hold};
use hebe::restart::journal::{Begun, Entry, Fold, JournalError, Journals, Limits};
use hebe::restart::map::{Map, Node};
use hebe::restart::plan::Plan;
use hebe::restart::world::{Mode, NodeState, World};

use super::calm::Calm;
use super::crash;
use super::finish::{self, Ended};
use super::gate;
use super::hands::Hands;
use super::ledger::Ledger;
use super::preview::Preview;
use super::resume;
use super::run::Run;
use super::settings::folder;
use crate::config::Config;
use crate::restarter::Client;

/// Where events of actions go.
pub(crate) type Tell = Box<dyn Fn(&ActionEvent) + Send + Sync>;

/// Makes restarts.
pub(crate) struct Executor {
    map: Map,
    hands: Hands,
    calm: Option<Calm>,
    dir: PathBuf,
    limits: Limits,
    pub(super) mode: Mode,
    host: String,
    tell: Tell,
    /// The journal while somebody in this process has it open.
    ledger: Mutex<Weak<Ledger>>,
    /// The journal as it was read last.
    known: Mutex<Journals>,
    /// From the last look under the lock to the entry that a restart begins: one at a time.
    deciding: Mutex<()>,
    /// Plans that a thread is about to begin, by their names: they are not in the journal yet.
    beginning: Mutex<BTreeMap<String, Plan>>,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").field("dir", &self.dir).field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// It was made, well or not.
    Ended(Box<Ended>),
    /// It was not made.
    Held(Hold),
    /// It waits: for its time, or for a person.
    Waits(Box<Plan>),
    /// It is being made, by a thread of its own.
    UnderWay(Box<Plan>),
}

impl Executor {
    /// An executor of `map`, with its journal in the state folder. `tell` hears of every action.
    ///
    /// # Errors
    ///
    /// Where the Re/Starter cannot be spoken to as configured: no address, no key.
    pub(crate) fn new(map: Map, config: &Config, host: &str, tell: Tell) -> anyhow::Result<Self> {
        let (settings, state_dir) = (&config.restart, config.state_dir());
        let limits = settings.limits(&map);
        Ok(Self {
            calm: map.calm.clone().map(Calm::new),
            map,
            hands: Hands::new(Client::of(&config.restarter, &state_dir)?),
            dir: folder(&state_dir),
            limits,
            mode: settings.mode,
            host: host.to_owned(),
            tell,
            ledger: Mutex::default(),
            known: Mutex::default(),
            deciding: Mutex::default(),
            beginning: Mutex::default(),
        })
    }

    /// The map that it acts by.
    pub(crate) fn map(&self) -> &Map {
        &self.map
    }

    /// How the machine stands, as far as the hands can tell: what an oracle is asked with. Wellness and starvation are
    /// known to those who probe.
    pub(crate) fn world(&self) -> Result<World, JournalError> {
        let state = |node: &Node| {
            let now = self.hands.look(node, Duration::ZERO);
            NodeState { runs: now.runs, well: None, since: now.since, identity: now.identity }
        };
        let nodes = self.map.nodes.iter().map(|node| (node.name.clone(), state(node))).collect();
        let under_way = self.read()?.fold.open.into_keys().collect();
        Ok(World { nodes, mode: self.mode, starved: None, firing: None, under_way })
    }

    /// Why this is no moment for a restart that can wait, if the map's `calm` says so.
    pub(crate) fn firing(&self, cause: &Cause) -> Option<String> {
        let can_wait = matches!(cause, Cause::Forecast { .. } | Cause::Timed { .. });
        self.calm.as_ref().filter(|_| can_wait)?.firing()
    }

    /// What acts, and looks.
    pub(super) fn hands(&self) -> &Hands {
        &self.hands
    }

    /// The journal as it is on the disk, folded, without its lock.
    pub(crate) fn read(&self) -> Result<Journals, JournalError> {
        let read = Journals::read(&self.dir)?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = read.clone();
        Ok(read)
    }

    /// The restart of a node, laid out and looked at; nothing is written.
    pub(super) fn preview(&self, node: &str, cause: &Cause, now: DateTime<Utc>) -> Result<Preview, Hold> {
        let plan = self.lay_out(node, cause, now)?;
        Ok(Preview::look(&self.map, &self.hands, plan))
    }

    fn lay_out(&self, node: &str, cause: &Cause, now: DateTime<Utc>) -> Result<Plan, Hold> {
        let id = self.map.find(node).ok_or_else(|| {
            let names = self.map.nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join(", ");
            Hold::new(Code::NotInMap, format!("the map has no `{node}`; it has {names}"))
        })?;
        Ok(hebe::restart::plan(&self.map, id, cause, now))
    }

    /// Why a previewed restart would not be made now, by what is on the disk.
    pub(super) fn would_hold(&self, preview: &Preview, fold: &Fold, now: DateTime<Utc>) -> Option<Hold> {
        gate::hold(&self.map, fold, preview, now, false, now)
    }

    /// Does what an oracle has decided: a plan is begun, or waits; a hold is written down.
    pub(crate) fn carry_out(
        self: &Arc<Self>,
        decision: hebe::restart::decision::Decision,
        event: &hebe::restart::decision::Event,
        now: DateTime<Utc>,
    ) -> Result<Answer, JournalError> {
        use hebe::restart::decision::Decision;
        match decision {
            Decision::Restart(plan) => self.settle(plan, event.seen, now),
            Decision::Hold { hold, plan: Some(plan) } if hold.code == Code::NotApproved => self.propose(plan),
            Decision::Hold { hold, plan } => self.skip(&event.node, &event.cause, hold, plan),
            Decision::GiveUp { node, sentence } => {
                self.open_write(Entry::GaveUp { node: node.clone(), why: sentence.clone() })?;
                let said = Action { sentence: sentence.clone(), ..Action::of(&node, &event.cause) };
                self.say(action::Kind::GaveUp, said);
                Ok(Answer::Held(Hold::new(Code::RestartWouldNotHelp, sentence)))
            }
        }
    }

    /// Begins restarts whose time has come: planned ones in `act`, approved ones in every mode but `observe`.
    pub(crate) fn due(self: &Arc<Self>, now: DateTime<Utc>) -> Result<Vec<Answer>, JournalError> {
        let waiting = self.read()?.fold.waiting;
        let mut answers = Vec::new();
        for waiting in waiting.into_values() {
            let come = waiting.plan.at.is_none_or(|at| at <= now);
            let allowed = match self.mode {
                Mode::Observe => false,
                Mode::Plan => waiting.approved.is_some(),
                Mode::Act => true,
            };
            if come && allowed {
                answers.push(self.begin(waiting.plan, now));
            }
        }
        Ok(answers)
    }

    fn settle(
        self: &Arc<Self>,
        plan: Plan,
        seen: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Answer, JournalError> {
        let at_once = plan.at.is_none_or(|at| at <= now);
        match self.mode {
            Mode::Observe => {
                let words = format!("mode is observe: {} would be restarted", plan.nodes.join(", "));
                let (target, cause) = (plan.target.clone(), plan.cause.clone());
                self.skip(&target, &cause, Hold::new(Code::ObserveMode, words), Some(plan))
            }
            Mode::Act if at_once => Ok(self.begin(plan, seen)),
            Mode::Plan | Mode::Act => self.propose(plan),
        }
    }

    fn begin(self: &Arc<Self>, plan: Plan, seen: DateTime<Utc>) -> Answer {
        // Until its beginning is written down, it waits for whoever looks at the journal.
        if self.beginning().insert(plan.id.clone(), plan.clone()).is_some() {
            return Answer::UnderWay(Box::new(plan));
        }
        let (executor, begun) = (Arc::clone(self), plan.clone());
        let made = thread::Builder::new().name("hebe-restart".to_owned()).spawn(move || {
            let id = begun.id.clone();
            if let Err(error) = executor.make(begun, seen, None) {
                crate::output::note(&format!("hebe: nothing is restarted: {error}"));
            }
            executor.beginning().remove(&id);
        });
        match made {
            Ok(_) => Answer::UnderWay(Box::new(plan)),
            Err(error) => {
                self.beginning().remove(&plan.id);
                Answer::Held(Hold::new(Code::LockHeld, format!("no thread for it: {error}")))
            }
        }
    }

    /// Plans that a thread is about to begin.
    pub(super) fn beginning(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Plan>> {
        self.beginning.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn propose(&self, plan: Plan) -> Result<Answer, JournalError> {
        self.open_write(Entry::Planned { plan: Box::new(plan.clone()) })?;
        let sentence = format!("{} would be restarted", plan.nodes.join(", "));
        self.say(action::Kind::Planned, Action { sentence, ..Action::planned(&plan) });
        Ok(Answer::Waits(Box::new(plan)))
    }

    fn skip(
        &self,
        target: &str,
        cause: &Cause,
        hold: Hold,
        plan: Option<Plan>,
    ) -> Result<Answer, JournalError> {
        let said = plan.as_ref().map_or_else(|| Action::of(target, cause), Action::planned);
        let (target, cause, plan) = (target.to_owned(), cause.clone(), plan.map(Box::new));
        self.open_write(Entry::Skipped { target, cause, hold: hold.clone(), plan })?;
        self.say_skipped(said, &hold);
        Ok(Answer::Held(hold))
    }

    fn say_skipped(&self, said: Action, hold: &Hold) {
        let said = Action { sentence: hold.sentence.clone(), hold: Some(hold.clone()), ..said };
        self.say(action::Kind::Skipped, said);
    }

    /// Makes a restart and waits for its end. What was seen before the newest restart of the node is no reason for
    /// another one. `forced` overrides budgets, and says why.
    pub(crate) fn make(
        &self,
        plan: Plan,
        seen: DateTime<Utc>,
        forced: Option<String>,
    ) -> Result<Answer, JournalError> {
        let asked = Instant::now();
        let (ledger, fresh) = match self.open() {
            Err(JournalError::Locked { owner, .. }) => {
                let hold = Hold::new(Code::LockHeld, format!("process {owner} restarts here"));
                self.say_skipped(Action::planned(&plan), &hold);
                return Ok(Answer::Held(hold));
            }
            opened => opened?,
        };
        ledger.sound()?;
        if fresh {
            self.finish_open(&ledger)?;
        }
        let firing = self.firing(&plan.cause).map(|firing| Hold::new(Code::AlertsFiring, firing));
        let deciding = self.deciding.lock().unwrap_or_else(PoisonError::into_inner);
        let preview = Preview::look(&self.map, &self.hands, plan);
        let now = Utc::now();
        let hold = gate::hold(&self.map, &ledger.fold(), &preview, seen, forced.is_some(), now);
        if let Some(hold) = hold.or(firing) {
            let (target, cause) = (preview.plan.target.clone(), preview.plan.cause.clone());
            let plan = Some(Box::new(preview.plan.clone()));
            ledger.write(Entry::Skipped { target, cause, hold: hold.clone(), plan })?;
            self.say_skipped(Action::planned(&preview.plan), &hold);
            return Ok(Answer::Held(hold));
        }
        let (plan, before) = (preview.plan.clone(), preview.before());
        ledger.write_with_next(Entry::Began {
            plan: Box::new(plan.clone()),
            forced,
            before: before.clone(),
        })?;
        self.beginning().remove(&plan.id);
        drop(deciding);
        crash::point("after-began", None);
        self.say(action::Kind::Started, Action::planned(&plan));
        let others = finish::others(&self.map, &self.hands, &plan);
        let run = Run { ledger: &ledger, map: &self.map, hands: &self.hands, plan, before };
        let stuck = run.steps()?;
        run.undrain()?;
        let ended = finish::finish(&run, now, stuck, &others, asked)?;
        Ok(self.ended(ended))
    }

    /// Finishes what a crash has left open.
    pub(crate) fn recover(&self) -> Result<Vec<Ended>, JournalError> {
        let (ledger, fresh) = self.open()?;
        ledger.sound()?;
        if fresh { self.finish_open(&ledger) } else { Ok(Vec::new()) }
    }

    /// Nobody else has the journal, so that whatever is open in it is nobody's.
    fn finish_open(&self, ledger: &Ledger) -> Result<Vec<Ended>, JournalError> {
        let mut all = Vec::new();
        for begun in ledger.fold().open.into_values() {
            let asked = Instant::now();
            let Begun { plan, at, before, .. } = begun.clone();
            let run = Run { ledger, map: &self.map, hands: &self.hands, plan, before };
            let stuck = resume::carry_on(&run, &begun)?;
            run.undrain()?;
            let ended = finish::finish(&run, at, stuck, &BTreeMap::new(), asked)?;
            self.ended(ended.clone());
            all.push(ended);
        }
        Ok(all)
    }

    fn ended(&self, ended: Ended) -> Answer {
        let well = ended.past.outcome == Outcome::Done;
        let kind = if well { action::Kind::Succeeded } else { action::Kind::Failed };
        let said = Action {
            nodes: ended.past.nodes.clone(),
            plan: Some(ended.past.plan.clone()),
            outcome: Some(ended.past.outcome),
            sentence: ended.note.clone(),
            ..Action::of(&ended.past.target, &ended.past.cause)
        };
        self.say(kind, said);
        Answer::Ended(Box::new(ended))
    }

    fn say(&self, kind: action::Kind, said: Action) {
        (self.tell)(&ActionEvent::new(kind, said, Utc::now(), &self.host));
    }

    /// The journal, and whether it was opened just now.
    fn open(&self) -> Result<(Arc<Ledger>, bool), JournalError> {
        let mut known = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ledger) = known.upgrade() {
            return Ok((ledger, false));
        }
        let journal = std::mem::take(&mut *self.known.lock().unwrap_or_else(PoisonError::into_inner));
        let ledger = Arc::new(Ledger::open(&self.dir, self.limits, journal)?);
        *known = Arc::downgrade(&ledger);
        Ok((ledger, true))
    }

    /// Writes what needs no action.
    pub(super) fn open_write(&self, entry: Entry) -> Result<(), JournalError> {
        self.open()?.0.write(entry)
    }

    /// Takes a journal that is not as it was written as it is, on the word of `who`.
    pub(super) fn accept(&self, who: &str) -> Result<usize, JournalError> {
        self.open()?.0.accept(who)
    }
}

#[cfg(test)]
mod tests {
    use hebe::restart::decision::{Decision, Event};

    use super::*;

    #[test]
    fn a_restart_is_under_way_from_its_decision_on_not_only_from_its_entry() {
        let folder = tempfile::tempdir().unwrap();
        let map = Map::parse("[[node]]\nname = 'a'\nstart = 'true'\n", "map.toml").unwrap();
        let mut config = Config::default();
        config.restart.mode = Mode::Act;
        config.store.dir = Some(folder.path().to_owned());
        let executor = Arc::new(Executor::new(map, &config, "here", Box::new(|_| ())).unwrap());
        let (now, cause) = (Utc::now(), Cause::Failure { seen: "gone".to_owned() });
        let plan = executor.lay_out("a", &cause, now).unwrap();
        let known = |plans: Vec<Plan>| plans.iter().map(|plan| plan.id.clone()).eq([plan.id.clone()]);
        // Its thread waits for its turn, and has written nothing.
        let turn = executor.deciding.lock().unwrap();
        let event = Event { node: "a".to_owned(), cause, seen: now };
        executor.carry_out(Decision::Restart(plan.clone()), &event, now).unwrap();
        assert!(known(executor.under_way()));
        assert!(executor.read().unwrap().fold.open.is_empty());
        drop(turn);
        while !executor.under_way().is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(executor.read().unwrap().fold.history.past[0].plan, plan.id);
    }
}
