// What people are told of a call's recording, and how the host orders one.
import { h, icon } from "./dom.js";
import { notify, openDialog } from "./menu.js";
import { t } from "./text.js";

/** Minutes before the longest that a recording may last, from which on its end is announced. */
const warnedBefore = 10;

export class Recording {
  #room;
  #banners;
  #told = 0; // the beginning of the recording that this person has been asked about
  #warned = 0; // and whose end was announced

  constructor(room, banners) {
    this.#room = room;
    this.#banners = banners;
    this.badge = h("span", { class: "badge recording", hidden: true }, icon("record"), h("span", {}, t("recording")));
  }

  /** The same in another language. */
  goOnFrom(other) {
    this.#told = other.#banners.has("consent") ? 0 : other.#told;
    this.#warned = other.#warned;
  }

  get #job() {
    return this.#room.call.roster.jobs.recording;
  }

  /** Whoever comes later is asked as well as those who were there when it began. */
  draw() {
    const began = this.#job?.start_at ?? 0;
    this.badge.hidden = began === 0;
    if (began === this.#told) return;
    this.#told = began;
    if (began === 0) return this.#banners.drop("consent");
    const { isHost } = this.#room.call;
    this.#banners.show("consent", t(isHost ? "recording.host" : "recording.consent"), [
      { text: t("ok"), main: true },
      !isHost && { text: t("leave"), act: () => this.#room.leave() },
    ]);
  }

  hear(job) {
    if (job.type !== "recording") return;
    if (job.err) notify(t("recording.failed", { why: job.err }), { kind: "bad", lasts: 15_000 });
    else if (job.end_at > 0) notify(t("recording.ended"));
    else if (!job.start_at) notify(t("recording.starting"));
  }

  warnOfEnd() {
    const longest = this.#room.config.MaxRecordingDuration;
    const began = this.#job?.start_at ?? 0;
    if (began === 0 || !longest || this.#warned === began) return;
    const left = longest - (Date.now() - began) / 60_000;
    if (left > warnedBefore || left < 0) return;
    this.#warned = began;
    notify(t("recording.soon", { n: Math.ceil(left) }), { lasts: 15_000 });
  }

  toggle() {
    const isOn = Boolean(this.#job);
    const act = () => this.#room.call.record(!isOn).catch((error) => notify(error.message, { kind: "bad" }));
    if (!isOn) return act();
    openDialog(t("recording.stop"), h("p", {}, t("recording.stop.then")), [{ text: t("cancel") }, { text: t("recording.stop"), main: true, act }]);
  }
}
