// Package supervisord has supervisord (supervisord.org, Debian's package
// supervisor) judged by the verdicts of gosv chaos, as a child process with a
// configuration of its own.
//
// What it reports comes from its event notification protocol: a listener, started by
// supervisord as every listener is, hands the PROCESS_STATE events on through two
// named pipes, and this package answers them. The translation into gosv's phases:
//
//	PROCESS_STATE_STARTING   starting
//	PROCESS_STATE_RUNNING    running
//	PROCESS_STATE_EXITED     backoff without a delay, or exited if it is not restarted
//	PROCESS_STATE_BACKOFF    backoff of as many seconds as there were tries
//	PROCESS_STATE_FATAL      failed
//	PROCESS_STATE_STOPPING   stopping
//	PROCESS_STATE_STOPPED    stopped
//
// The from_state of an event becomes the phase it left, so that a lost event is
// found. Three things supervisord does not report, and nothing here makes them up: the
// instant of a change (events bear none: it is when the listener was handed the
// event, which can be a second later), the process of a start that it calls too
// quick, and whether a start has been executed: running means that startsecs are
// over, and is reported up to a second later still.
//
// It has no schedule after a process that was running: that is started again
// without a delay, for ever. startretries count only ends within startsecs.
package supervisord
