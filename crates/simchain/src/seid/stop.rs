//! How a process ends: signals, exit codes, and the shell's part in them.

use super::motion::{Motion, Why};
use super::{Env, Rule, Seid, Stage};
use crate::boundary::{Happening, Signal};

/// Exit codes of a process that dies of a signal.
const DIED_OF_SIGINT: i32 = 130;
const DIED_OF_SIGKILL: i32 = 137;
const DIED_OF_SIGTERM: i32 = 143;

impl Seid {
    /// A signal to the container. `Some`: it has ended with this code.
    pub(crate) fn signal(&mut self, env: &mut Env<'_, '_>, signal: Signal) -> Option<i32> {
        match (signal, self.is_process()) {
            (Signal::Kill, true) => Some(self.dies(env, DIED_OF_SIGKILL)),
            (Signal::Kill, false) => Some(DIED_OF_SIGKILL),
            (Signal::Interrupt, false) => Some(DIED_OF_SIGINT),
            (Signal::Terminate, false) => Some(DIED_OF_SIGTERM),
            (Signal::Interrupt, true) => self.signal_process(env, signal),
            // The shell dies of it, and with the container goes what else runs in it.
            (Signal::Terminate, true) if self.program.child_of_shell => {
                self.dies(env, DIED_OF_SIGKILL);
                Some(DIED_OF_SIGTERM)
            }
            (Signal::Terminate, true) => self.signal_process(env, signal),
        }
    }

    /// A signal to seid itself, which must run. `Some`: the container has ended with this code.
    pub(crate) fn signal_process(&mut self, env: &mut Env<'_, '_>, signal: Signal) -> Option<i32> {
        if signal == Signal::Kill {
            return Some(self.dies(env, DIED_OF_SIGKILL));
        }
        match &self.stage {
            Stage::Running(run) if run.handler_at <= env.cx.now => {
                env.volume.data = self.data(env.network, env.volume, env.cx.now);
                let at = env.cx.now + self.draw(env, "seid graceful stop", env.profile.seid.graceful_stop);
                self.enter(Stage::Ending { at, code: 0, rpc: true, wedged: self.is_wedged() }, Rule::StopsGracefully);
                self.go_on(env)
            }
            Stage::Ending { .. } => None,
            _ if signal == Signal::Interrupt => Some(self.dies(env, DIED_OF_SIGINT)),
            _ => Some(self.dies(env, DIED_OF_SIGTERM)),
        }
    }

    /// seid ends by itself, with an exit code that nobody expects. `Some`: the container has ended with this code.
    pub(crate) fn breaks(&mut self, env: &mut Env<'_, '_>, code: i32) -> Option<i32> {
        if !self.is_process() {
            return None;
        }
        self.rule = Rule::DefectEnds;
        Some(self.over(env, code))
    }

    /// A signal that nothing handles. An application that commits late has not written its last blocks yet.
    fn dies(&mut self, env: &mut Env<'_, '_>, code: i32) -> i32 {
        self.rule = Rule::DiesOfSignal;
        if code == DIED_OF_SIGKILL && self.config.unwritten > 0 && env.volume.lock == Some(self.id) {
            let data = self.data(env.network, env.volume, env.cx.now);
            let lost = env.cx.luck.below("seid blocks lost", &*self.node, self.config.unwritten + 1);
            let app = data.app.minus(lost).max(self.from.min(data.app));
            env.volume.lineage = env.volume.lineage.up_to(app);
            env.volume.data = crate::volume::Data { app, ..data };
            self.stage = Stage::Ending { at: env.cx.now, code, rpc: false, wedged: false };
        }
        self.over(env, code)
    }

    /// seid has ended: the data directory is as it left it. The container's code is seid's, but for a shell that takes 130 for success.
    pub(super) fn over(&mut self, env: &mut Env<'_, '_>, code: i32) -> i32 {
        env.volume.data = self.data(env.network, env.volume, env.cx.now);
        if env.volume.lock == Some(self.id) {
            env.volume.lock = None;
            env.volume.ended_by = Some(self.rule);
        }
        let data = env.volume.data;
        self.tell(env, Happening::SeidExited { code, app: data.app, store: data.store });
        if self.program.child_of_shell && code == DIED_OF_SIGINT { 0 } else { code }
    }

    /// It stays alive where it is.
    pub(super) fn freeze(&mut self, why: Why) {
        if let Stage::Running(run) = &mut self.stage {
            run.motion = Motion::Still(why);
            run.next = None;
            self.rule = run.motion.rule();
        }
    }
}
