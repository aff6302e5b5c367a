// A client of the calls protocol in Go, with the stack that Go's clients are made of (pion, gorilla/websocket,
// vmihailenco/msgpack) and their strictness: a reply nobody asked for, an event without a session where there
// must be one, or an `error` ends it.
//
//	gopher -url http://127.0.0.1:8080 -name ada -channel … [-speak] [-screen [-simulcast]] [-dc] [-seconds 5] [-cut]
//
// It ends with one line of JSON: what it has heard and seen.
package main

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc"
	"github.com/pion/webrtc/pkg/media"
	"github.com/vmihailenco/msgpack/v5"
)

const prefix = "custom_com.mattermost.calls_"

const (
	mPing = iota + 1
	mPong
	mSDP
	mLoss
	mRoundTrip
	mJitter
	mLock
	mUnlock
	mMediaMap
)

type event struct {
	Event     string         `json:"event"`
	Data      map[string]any `json:"data"`
	Broadcast struct {
		ConnectionID string          `json:"connection_id"`
		ChannelID    string          `json:"channel_id"`
		UserID       string          `json:"user_id"`
		TeamID       string          `json:"team_id"`
		OmitUsers    map[string]bool `json:"omit_users"`
	} `json:"broadcast"`
	Seq int64 `json:"seq"`
}

type report struct {
	Session string          `json:"session"`
	User    string          `json:"user"`
	Packets map[string]int  `json:"packets"` // by kind of track, as its id says
	Senders map[string]bool `json:"senders"`
	Events  map[string]int  `json:"events"`
	Pongs   int             `json:"pongs"`
	Maps    int             `json:"maps"`
	Faults  []string        `json:"faults"`
}

type client struct {
	url, channel, token         string
	dc, simulcast, isCut        bool
	mutex                       sync.Mutex
	socket                      *websocket.Conn
	seq                         int64
	original, current           string
	peer                        *webrtc.PeerConnection
	messages                    *webrtc.DataChannel
	isNegotiated, hasNegotiated bool
	locks                       chan bool
	connected                   chan struct{}
	once                        sync.Once
	report                      report
}

func (c *client) fault(format string, args ...any) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.report.Faults = append(c.report.Faults, fmt.Sprintf(format, args...))
}

func (c *client) ask(method, path string, body any, answer any) http.Header {
	var text io.Reader
	if body != nil {
		b, _ := json.Marshal(body)
		text = bytes.NewReader(b)
	}
	request, _ := http.NewRequest(method, c.url+path, text)
	if c.token != "" {
		request.Header.Set("Authorization", "BEARER "+c.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.fault("%s: %v", path, err)
		return nil
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		c.fault("%s: %d", path, response.StatusCode)
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		c.fault("%s: %v", path, err)
	}
	return response.Header
}

func (c *client) say(name string, data any, inBinary bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	message := map[string]any{"action": prefix + name, "seq": c.seq, "data": data}
	c.seq++
	var text []byte
	kind := websocket.TextMessage
	if inBinary {
		kind = websocket.BinaryMessage
		text, _ = msgpack.Marshal(message)
	} else {
		text, _ = json.Marshal(message)
	}
	_ = c.socket.WriteMessage(kind, text) // the reader notices what is wrong
}

func (c *client) open() error {
	header := http.Header{"Authorization": {"Bearer " + c.token}}
	socket, _, err := websocket.DefaultDialer.Dial(strings.Replace(c.url, "http", "ws", 1)+"/api/v4/websocket", header)
	if err != nil {
		return err
	}
	c.mutex.Lock()
	c.socket = socket
	c.mutex.Unlock()
	if c.original != "" { // before hello
		c.say("reconnect", map[string]any{"channelID": c.channel, "originalConnID": c.original, "prevConnID": c.current}, false)
	}
	return nil
}

func (c *client) read() {
	for {
		_, text, err := c.socket.ReadMessage()
		if err != nil {
			return
		}
		var e event
		if err := json.Unmarshal(text, &e); err != nil || e.Event == "" {
			c.fault("no event: %s", text)
			continue
		}
		meant := e.Broadcast.ConnectionID
		if meant == "" {
			meant, _ = e.Data["connID"].(string)
		}
		if meant != "" && meant != c.current && meant != c.original {
			continue
		}
		if c.original == "" && e.Event != "hello" {
			c.fault("%s before hello", e.Event)
		}
		c.take(e)
	}
}

func (c *client) take(e event) {
	name := strings.TrimPrefix(e.Event, prefix)
	c.mutex.Lock()
	c.report.Events[name]++
	c.mutex.Unlock()
	text := func(member string) string { s, _ := e.Data[member].(string); return s }
	switch name {
	case "hello":
		c.current = text("connection_id")
		if c.original == "" {
			c.original = c.current
			c.report.Session = c.current
			c.say("join", map[string]any{"channelID": c.channel, "jobID": "", "av1Support": false, "dcSignaling": c.dc}, false)
		}
	case "join":
		c.begin()
	case "signal":
		var signal webrtc.SessionDescription
		if err := json.Unmarshal([]byte(text("data")), &signal); err != nil {
			c.fault("signal: %v", err)
			return
		}
		c.hear(signal)
	case "error":
		c.fault("error: %s", text("data"))
	case "call_host_changed":
		if text("hostID") == "" {
			c.fault("no hostID")
		}
	case "user_muted", "user_unmuted", "user_raise_hand", "user_unraise_hand", "user_screen_on", "user_screen_off", "user_left":
		if text("session_id") == "" {
			c.fault("%s without session_id", name)
		}
		if e.Broadcast.ChannelID != c.channel && text("channelID") != c.channel && e.Broadcast.UserID == "" {
			c.fault("%s of no channel", name)
		}
	case "call_state":
		var call struct {
			ID       string `json:"id"`
			StartAt  int64  `json:"start_at"`
			Sessions []struct {
				SessionID  string `json:"session_id"`
				UserID     string `json:"user_id"`
				Unmuted    bool   `json:"unmuted"`
				RaisedHand int64  `json:"raised_hand"`
			} `json:"sessions"`
		}
		if err := json.Unmarshal([]byte(text("call")), &call); err != nil || len(call.ID) != 26 || len(call.Sessions) == 0 {
			c.fault("call_state: %v %s", err, text("call"))
		}
	}
}

func pack(description webrtc.SessionDescription) []byte {
	var bytes bytes.Buffer
	w := zlib.NewWriter(&bytes)
	_ = json.NewEncoder(w).Encode(description)
	w.Close()
	return bytes.Bytes()
}

func (c *client) describe(description webrtc.SessionDescription) {
	if c.dc && c.messages.ReadyState() == webrtc.DataChannelStateOpen {
		c.tell(mSDP, pack(description))
		return
	}
	c.say("sdp", map[string]any{"data": pack(description)}, true)
}

// A message on the data channel: what it is, then what it says, one after the other.
func (c *client) tell(kind uint8, payload any) {
	var bytes bytes.Buffer
	encoder := msgpack.NewEncoder(&bytes)
	_ = encoder.EncodeUint8(kind)
	if payload != nil {
		_ = encoder.Encode(payload)
	}
	_ = c.messages.Send(bytes.Bytes())
}

func (c *client) begin() {
	var engine webrtc.MediaEngine
	_ = engine.RegisterDefaultCodecs()
	for _, uri := range []string{"mid", "rtp-stream-id", "repaired-rtp-stream-id"} {
		_ = engine.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: "urn:ietf:params:rtp-hdrext:sdes:" + uri}, webrtc.RTPCodecTypeVideo)
	}
	peer, err := webrtc.NewAPI(webrtc.WithMediaEngine(&engine)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		c.fault("peer: %v", err)
		return
	}
	c.peer = peer
	peer.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		if candidate == nil {
			return
		}
		text, _ := json.Marshal(candidate.ToJSON())
		c.say("ice", map[string]any{"data": string(text)}, true)
	})
	peer.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		if state == webrtc.ICEConnectionStateConnected {
			c.once.Do(func() { close(c.connected) })
		}
		if state == webrtc.ICEConnectionStateFailed {
			c.fault("ICE failed")
		}
	})
	peer.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		parts := strings.Split(track.ID(), "_") // kind, session, anything
		if len(parts) != 3 || parts[1] != track.StreamID() {
			c.fault("track %s of stream %s", track.ID(), track.StreamID())
			return
		}
		go func() {
			for {
				if _, _, err := receiver.ReadRTCP(); err != nil {
					return
				}
			}
		}()
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
			c.mutex.Lock()
			c.report.Packets[parts[0]]++
			c.report.Senders[parts[1]] = true
			c.mutex.Unlock()
		}
	})
	offer := func() {
		description, err := peer.CreateOffer(nil)
		if err == nil {
			err = peer.SetLocalDescription(description)
		}
		if err != nil {
			c.fault("offer: %v", err)
			return
		}
		c.describe(description)
	}
	peer.OnNegotiationNeeded(func() {
		if !c.hasNegotiated {
			c.hasNegotiated = true
			offer()
			return
		}
		go func() {
			if c.lock() {
				offer()
			}
		}()
	})
	c.messages, err = peer.CreateDataChannel("calls-dc", nil)
	if err != nil {
		c.fault("channel: %v", err)
		return
	}
	c.messages.OnMessage(func(message webrtc.DataChannelMessage) { c.listen(message.Data) })
	go func() {
		for range time.Tick(time.Second) {
			if c.messages.ReadyState() == webrtc.DataChannelStateOpen {
				c.tell(mPing, nil)
				c.tell(mLoss, float64(2)) // more was lost than came
				c.tell(mRoundTrip, float64(0))
				c.tell(mJitter, 0.004)
			}
		}
	}()
}

func (c *client) lock() bool {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if c.messages.ReadyState() != webrtc.DataChannelStateOpen {
			continue
		}
		c.tell(mLock, nil)
		select {
		case isOurs := <-c.locks:
			if isOurs {
				return true
			}
		case <-time.After(2 * time.Second):
			c.fault("no answer to a lock")
		}
	}
	c.fault("the lock was never ours")
	return false
}

func (c *client) listen(message []byte) {
	decoder := msgpack.NewDecoder(bytes.NewReader(message))
	kind, err := decoder.DecodeUint8()
	if err != nil {
		c.fault("message: %v", err)
		return
	}
	c.mutex.Lock()
	switch kind {
	case mPong:
		c.report.Pongs++
	case mMediaMap:
		c.report.Maps++
	}
	c.mutex.Unlock()
	switch kind {
	case mPong:
	case mLock:
		isOurs, err := decoder.DecodeBool()
		if err != nil {
			c.fault("lock: %v", err)
		}
		c.locks <- isOurs
	case mMediaMap:
		var tracks map[string]struct {
			Type   string `msgpack:"type"`
			Sender string `msgpack:"sender_id"`
		}
		if err := decoder.Decode(&tracks); err != nil {
			c.fault("media map: %v", err)
		}
	case mSDP:
		packed, err := decoder.DecodeBytes()
		if err != nil {
			c.fault("description: %v", err)
			return
		}
		reader, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			c.fault("description: %v", err)
			return
		}
		var signal webrtc.SessionDescription
		if err := json.NewDecoder(reader).Decode(&signal); err != nil {
			c.fault("description: %v", err)
			return
		}
		c.hear(signal)
	default:
		c.fault("message of kind %d", kind)
	}
}

func (c *client) hear(signal webrtc.SessionDescription) {
	if err := c.peer.SetRemoteDescription(signal); err != nil {
		c.fault("%s: %v", signal.Type, err)
		return
	}
	if signal.Type == webrtc.SDPTypeOffer {
		answer, err := c.peer.CreateAnswer(nil)
		if err == nil {
			err = c.peer.SetLocalDescription(answer)
		}
		if err != nil {
			c.fault("answer: %v", err)
			return
		}
		c.describe(answer)
	} else if c.isNegotiated {
		c.tell(mUnlock, nil)
	} else {
		c.isNegotiated = true
	}
}

func (c *client) speak() {
	track, _ := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "audio", "voice_"+c.original)
	if _, err := c.peer.AddTrack(track); err != nil {
		c.fault("voice: %v", err)
	}
	c.say("unmute", nil, false)
	go func() {
		for range time.Tick(20 * time.Millisecond) {
			_ = track.WriteSample(media.Sample{Data: bytes.Repeat([]byte{0xfc}, 60), Duration: 20 * time.Millisecond})
		}
	}()
}

func (c *client) share() {
	stream := "screen" + c.original
	codec := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	text, _ := json.Marshal(map[string]string{"screenStreamID": stream})
	c.say("screen_on", map[string]any{"data": string(text)}, false)
	rids := []string{"h"}
	if c.simulcast {
		rids = []string{"l", "h"}
	}
	var tracks []*webrtc.TrackLocalStaticRTP
	var transceiver *webrtc.RTPTransceiver
	for _, rid := range rids {
		track, err := webrtc.NewTrackLocalStaticRTP(codec, "video", stream, webrtc.WithRTPStreamID(rid))
		if err == nil && transceiver == nil {
			transceiver, err = c.peer.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		} else if err == nil {
			err = transceiver.Sender().AddEncoding(track)
		}
		if err != nil {
			c.fault("screen: %v", err)
			return
		}
		tracks = append(tracks, track)
	}
	go func() {
		for {
			if _, _, err := transceiver.Sender().ReadRTCP(); err != nil {
				return
			}
		}
	}()
	for _, track := range tracks {
		go c.show(track, transceiver)
	}
}

// Pictures that look like VP8 to whoever only passes them on.
func (c *client) show(track *webrtc.TrackLocalStaticRTP, transceiver *webrtc.RTPTransceiver) {
	packetizer := rtp.NewPacketizer(1200, 0, 0, &codecs.VP8Payloader{EnablePictureID: true}, rtp.NewRandomSequencer(), 90000)
	identify := func(packet *rtp.Packet) {
		for _, extension := range transceiver.Sender().GetParameters().HeaderExtensions {
			switch extension.URI {
			case "urn:ietf:params:rtp-hdrext:sdes:mid":
				_ = packet.SetExtension(uint8(extension.ID), []byte(transceiver.Mid()))
			case "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id":
				_ = packet.SetExtension(uint8(extension.ID), []byte(track.RID()))
			}
		}
	}
	number := 0
	for range time.Tick(100 * time.Millisecond) {
		frame := bytes.Repeat([]byte{0x55}, 2000)
		if number%10 == 0 {
			copy(frame, []byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00})
		} else {
			frame[0] = 0x11
		}
		number++
		for _, packet := range packetizer.Packetize(frame, 9000) {
			if c.simulcast {
				identify(packet)
			}
			_ = track.WriteRTP(packet)
		}
	}
}

func main() {
	c := &client{seq: 1, locks: make(chan bool, 8), connected: make(chan struct{})}
	c.report = report{Packets: map[string]int{}, Senders: map[string]bool{}, Events: map[string]int{}, Faults: []string{}}
	flag.StringVar(&c.url, "url", "", "the node")
	flag.StringVar(&c.channel, "channel", "", "the channel's id")
	flag.BoolVar(&c.dc, "dc", false, "descriptions go over the data channel")
	flag.BoolVar(&c.simulcast, "simulcast", false, "the screen has two layers")
	name := flag.String("name", "", "whom to log in as")
	speaks := flag.Bool("speak", false, "unmute")
	shares := flag.Bool("screen", false, "share a screen")
	cuts := flag.Bool("cut", false, "lose the websocket halfway, and come back")
	seconds := flag.Float64("seconds", 5, "how long to stay once connected")
	flag.Parse()

	var me struct {
		ID string `json:"id"`
	}
	header := c.ask("POST", "/api/v4/users/login", map[string]string{"login_id": *name, "password": "x"}, &me)
	c.token, c.report.User = header.Get("Token"), me.ID
	var config map[string]any
	c.ask("GET", "/plugins/com.mattermost.calls/config", nil, &config)
	for _, key := range []string{"EnableSimulcast", "EnableAV1", "EnableDCSignaling"} {
		if _, isBool := config[key].(bool); !isBool {
			c.fault("config has no %s", key)
		}
	}
	if err := c.open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go c.read()
	select {
	case <-c.connected:
		if *speaks {
			c.speak()
		}
		if *shares {
			c.share()
		}
		stay := time.Duration(*seconds * float64(time.Second))
		time.Sleep(stay / 2)
		if *cuts {
			c.socket.UnderlyingConn().Close()
			time.Sleep(time.Second)
			if err := c.open(); err != nil {
				c.fault("reconnect: %v", err)
			}
			go c.read()
		}
		time.Sleep(stay / 2)
	case <-time.After(15 * time.Second):
		c.fault("never connected")
	}
	c.say("leave", nil, false)
	time.Sleep(100 * time.Millisecond)
	c.socket.Close()
	if c.peer != nil {
		c.peer.Close()
	}
	c.mutex.Lock()
	_ = json.NewEncoder(os.Stdout).Encode(c.report)
}
