"""A WebRTC peer by GStreamer's webrtcbin (libnice, libsrtp, usrsctp): a program of its own, since it wants a main loop and
Debian's bindings. It reads orders from its standard input and answers each, JSON a line; gstreamers.py says what to.

    {"id": 1, "do": "media", "tone": 440, "color": "#c02020"}    →    {"id": 1, "is": null}

An answer is {"id", "is"}, or {"id", "fault"}.
"""
from __future__ import annotations

import json
import sys
import threading
import traceback

import gi

for library in ("Gst", "GstWebRTC", "GstSdp"):
    gi.require_version(library, "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

TURN = 20    # seconds that one order may take


class Track:
    """What came of one of the others' tracks: the last samples of a sound, the last picture's mean colour."""

    def __init__(self, kind: str):
        self.kind, self.frames, self.samples, self.colour = kind, 0, b"", None

    def take(self, sink):
        sample = sink.emit("pull-sample")
        if sample is None:
            return Gst.FlowReturn.EOS
        buffer = sample.get_buffer()
        data = buffer.extract_dup(0, buffer.get_size())
        self.frames += 1
        if self.kind == "audio":
            self.samples = (self.samples + data)[-2 * 9600:]
        else:
            count = max(len(data) // 3, 1)
            self.colour = [round(sum(data[i::3]) / count) for i in range(3)]
        return Gst.FlowReturn.OK

    def hertz(self) -> int:
        """Of a pure tone of which there are 200 ms, by how often it goes through zero; 0 for silence."""
        if len(self.samples) < 2 * 9600:
            return 0
        wave = memoryview(self.samples).cast("h")
        if max(wave) < 1000:
            return 0
        return round(sum((a < 0) != (b < 0) for a, b in zip(wave, wave[1:])) / 0.4)


class Peer:
    def __init__(self):
        self.pipe = Gst.Pipeline.new(None)
        self.bin = Gst.ElementFactory.make("webrtcbin")
        self.bin.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.bin.connect("pad-added", self.adopt)
        # It repeats what is lost only if it is told to.
        self.bin.connect("on-new-transceiver", lambda _, way: way.set_property("do-nack", True))
        self.bin.connect("on-data-channel", lambda _, channel: self.open(channel))
        self.pipe.add(self.bin)
        self.tracks: list[Track] = []
        self.channels: dict[str, object] = {}
        self.inbox: list[list[str]] = []
        self.pipe.set_state(Gst.State.PLAYING)

    # ---- media
    def media(self, tone=None, color=None, codec="VP8"):
        if tone:
            self.add("audiotestsrc is-live=true wave=sine freq=%d volume=0.5 ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=2 ! "
                     "opusenc ! rtpopuspay pt=111 ! capsfilter caps=application/x-rtp,media=audio,encoding-name=OPUS,payload=111" % tone)
        if color:
            encode = {"VP8": "vp8enc deadline=1 keyframe-max-dist=30 target-bitrate=300000 ! rtpvp8pay picture-id-mode=15-bit pt=96",
                      "VP9": "vp9enc deadline=1 cpu-used=8 keyframe-max-dist=30 target-bitrate=300000 ! rtpvp9pay picture-id-mode=15-bit pt=96"}[codec]
            self.add("videotestsrc is-live=true pattern=solid-color foreground-color=0xff%s ! video/x-raw,format=I420,width=320,height=180,framerate=15/1 ! "
                     "%s ! capsfilter caps=application/x-rtp,media=video,encoding-name=%s,payload=96" % (color[1:], encode, codec))

    def add(self, words: str):
        source = Gst.parse_bin_from_description(words, True)
        self.pipe.add(source)
        source.link(self.bin)
        source.sync_state_with_parent()

    def adopt(self, _, pad):
        if pad.get_property("direction") != Gst.PadDirection.SRC:
            return
        kind = pad.get_current_caps().get_structure(0).get_string("media")
        track = Track(kind)
        self.tracks.append(track)
        shape = "audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1" if kind == "audio" else \
            "videoconvert ! videoscale ! video/x-raw,format=RGB,width=32,height=18"
        ear = self.ear(shape, track)
        self.pipe.add(ear)
        ear.sync_state_with_parent()
        pad.link(ear.get_static_pad("sink"))

    @staticmethod
    def ear(shape: str, track: Track):
        """A bin that decodes whatever comes in, and shows it to the track."""
        ear = Gst.Bin.new(None)
        decode = Gst.ElementFactory.make("decodebin")
        rest = Gst.parse_bin_from_description("queue ! %s ! appsink name=sink emit-signals=true sync=false max-buffers=4 drop=true" % shape, True)
        rest.get_by_name("sink").connect("new-sample", track.take)
        ear.add(decode)
        ear.add(rest)
        decode.connect("pad-added", lambda _, pad: pad.link(rest.get_static_pad("sink")))
        ear.add_pad(Gst.GhostPad.new("sink", decode.get_static_pad("sink")))
        return ear

    # ---- descriptions
    def ask(self, signal: str, *words):
        """What webrtcbin replies. Whoever gave the order gives up if it takes too long."""
        promise = Gst.Promise.new()
        self.bin.emit(signal, *words, promise)
        promise.wait()
        reply = promise.get_reply()
        if reply is not None and reply.has_field("error"):
            raise RuntimeError("%s: %s" % (signal, reply.get_value("error")))
        return promise, reply

    def describe(self, what: str) -> str:
        """Makes an offer or answer, takes it, and gives it once all candidates are in it."""
        promise, reply = self.ask("create-" + what, None)    # both must last while what is in them is used
        self.ask("set-local-description", reply.get_value(what))
        del promise, reply
        done = threading.Event()
        handler = self.bin.connect("notify::ice-gathering-state", lambda *_: done.set())
        while self.bin.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            if not done.wait(TURN):
                raise TimeoutError("gathering")
            done.clear()
        self.bin.disconnect(handler)
        return self.bin.get_property("local-description").sdp.as_text()

    def read(self, kind, sdp: str):
        result, message = GstSdp.SDPMessage.new_from_text(sdp)
        if result != GstSdp.SDPResult.OK:
            raise ValueError("no SDP that GStreamer reads: %s" % result)
        self.ask("set-remote-description", GstWebRTC.WebRTCSessionDescription.new(kind, message))

    def offer(self, recv=()):
        for kind in recv:
            caps = "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000" if kind == "audio" else \
                "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
            self.bin.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.caps_from_string(caps))
        return self.describe("offer")

    def accept(self, sdp):
        self.read(GstWebRTC.WebRTCSDPType.ANSWER, sdp)

    def answer(self, sdp):
        self.read(GstWebRTC.WebRTCSDPType.OFFER, sdp)
        return self.describe("answer")

    # ---- data channels
    def channel(self, label):
        self.open(self.bin.emit("create-data-channel", label, None))

    def open(self, channel):
        label = channel.get_property("label")
        self.channels[label] = channel
        channel.connect("on-message-string", lambda _, text: self.inbox.append([label, text]))
        channel.connect("on-message-data", lambda _, data: self.inbox.append([label, "hex:" + data.get_data().hex()]))

    def send(self, label, text=None, hex=None):
        if text is not None:
            self.channels[label].emit("send-string", text)
        else:
            self.channels[label].emit("send-data", GLib.Bytes.new(bytes.fromhex(hex)))

    def is_open(self, label):
        channel = self.channels.get(label)
        return channel is not None and channel.get_property("ready-state") == GstWebRTC.WebRTCDataChannelState.OPEN

    def messages(self):
        out, self.inbox[:] = list(self.inbox), []
        return out

    # ---- what came of it
    def state(self):
        return {"connection": self.bin.get_property("connection-state").value_nick, "ice": self.bin.get_property("ice-connection-state").value_nick,
                "hertz": [t.hertz() for t in self.tracks if t.kind == "audio"],
                "colours": [t.colour for t in self.tracks if t.kind == "video"],
                "frames": [[t.kind, t.frames] for t in self.tracks]}


def main():
    Gst.init(None)
    loop = GLib.MainLoop()
    threading.Thread(target=loop.run, daemon=True).start()
    peer = Peer()
    for line in sys.stdin:
        order = json.loads(line)
        number, verb = order.pop("id"), order.pop("do")
        try:
            answer = {"id": number, "is": getattr(peer, verb)(**order)}
        except Exception as e:
            traceback.print_exc()
            answer = {"id": number, "fault": "%s: %s" % (type(e).__name__, e)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    peer.pipe.set_state(Gst.State.NULL)
    loop.quit()


main()
