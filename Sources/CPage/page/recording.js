// What people are told of a call's recording, and how the host orders one.
import { h } from "./dom.js";
import { notify, openDialog } from "./menu.js";
import { t } from "./text.js";

export class Recording {
  #room;
  #banners;
  #hasWarned = false;

  constructor(room, banners) {
    this.#room = room;
    this.#banners = banners;
  }

  hear(job) {
    if (job.type !== "recording") return;
    if (job.err) notify(t("recording.failed", { why: job.err }), { kind: "bad", lasts: 15_000 });
    else if (job.end_at > 0) notify(t("recording.ended"));
    else if (job.start_at > 0) this.#askConsent();
    else notify(t("recording.starting"));
  }

  #askConsent() {
    this.#hasWarned = false;
    const { isHost } = this.#room.call;
    this.#banners.show("consent", t(isHost ? "recording.host" : "recording.consent"), [
      { text: t("ok"), main: true },
      !isHost && { text: t("leave"), act: () => this.#room.leave() },
    ]);
  }

  /** Ten minutes before the longest that a recording may last. */
  warnOfEnd() {
    const job = this.#room.call.roster.jobs.recording;
    const longest = this.#room.config.MaxRecordingDuration;
    if (!job?.start_at || !longest || this.#hasWarned) return;
    const left = longest - (Date.now() - job.start_at) / 60_000;
    if (left > 10 || left < 0) return;
    this.#hasWarned = true;
    notify(t("recording.soon", { n: Math.ceil(left) }), { lasts: 15_000 });
  }

  toggle() {
    const isOn = Boolean(this.#room.call.roster.jobs.recording);
    const act = () => this.#room.call.record(!isOn).catch((error) => notify(error.message, { kind: "bad" }));
    if (!isOn) return act();
    openDialog(t("recording.stop"), h("p", {}, t("recording.stop.then")), [{ text: t("cancel") }, { text: t("recording.stop"), main: true, act }]);
  }
}
