// The page's words in English.
export const en = {
  "again": "Try again", "cancel": "Cancel", "close": "Close", "done": "Done", "ok": "All right", "why": "Why?", "you": "You", "more": "More", "name": "Your name", "settings": "Settings", "logOut": "Log out",
  "join": "Join", "rejoin": "Join again", "leave": "Leave", "toChannels": "To the channels", "host": "Host", "guest": "Guest", "timer": "Time since the call began", "controls": "Call controls",
  "unreachable": "The server can't be reached. Check your connection; this page tries again.",
  "old": "This browser is too old for calls", "old.then": "It lacks {what}. A current Firefox, Chrome, Edge or Safari will do.",

  "home.title": "Talk to each other", "home.lead": "Pick a name and a channel. Whoever opens the same link is in the same call.", "home.channel": "Channel", "home.example": "night-owls", "home.go": "Go there",
  "home.channels": "Channels", "home.none": "No channels yet. Type any name above to open one.", "home.loading": "Looking for calls…", "home.quiet": "Nobody is in a call", "home.live": "Live", "home.inCall": "{who} in a call", "home.began": "{who} has begun a call in {channel}",
  "home.others": { one: "one other", other: "{n} others" },

  "lobby.guest": "You are invited to a call", "lobby.guest.lead": "Say what you want to be called, then come in.", "lobby.lead": "Have a look at yourself, then come in.", "lobby.preview": "How others will see you",
  "lobby.as": "Joining as {name}", "lobby.other": "Not you?", "lobby.joining": "Joining…", "lobby.empty": "Nobody is here yet. You will be the first.",
  "lobby.there": { one: "{who} is here", other: "{who} are here" }, "lobby.failed": "That did not work: {why}", "lobby.expired": "This link is not open any more. Ask whoever sent it for another one.",
  "lobby.token": "This server lets in people whom another application vouches for. Open the call from there, or ask for a guest link.", "lobby.forbidden": "You may not enter this channel. Ask whoever invited you to let you in.",
  "login.again": "Log in again", "login.ended": "Your login has ended. Please log in again.",

  "parting.left": "You have left the call", "parting.left.then": "It goes on without you as long as somebody is in it.",
  "parting.ended": "The call is over", "parting.ended.then": "The host has ended it for everyone.",
  "parting.removed": "You were removed from the call", "parting.removed.then": "A host has asked you to leave. If you think that was a mistake, talk to them.",
  "parting.login": "Your login has ended", "parting.login.then": "Log in again, and you can come back into the call.",
  "parting.full": "The call is full", "parting.full.then": "No more people fit in. Try again when somebody has left.",
  "parting.refused": "You could not join", "parting.refused.then": "The server did not let you in. Try again in a moment.",

  "trouble.insecure.mic": "Browsers open microphones only for pages that come by https. You can listen; to talk, ask for the https address.",
  "trouble.insecure.camera": "Browsers open cameras only for pages that come by https.", "trouble.insecure.screen": "Browsers share screens only from pages that come by https.",
  "trouble.denied.mic": "The microphone is blocked. Allow it beside the address of this page, then try again. You can join and listen meanwhile.",
  "trouble.denied.camera": "The camera is blocked. Allow it beside the address of this page, then try again.",
  "trouble.missing.mic": "No microphone was found. Plug one in, or join to listen.", "trouble.missing.camera": "No camera was found.",
  "trouble.busy.mic": "Another program is using the microphone. Close it, then try again.", "trouble.busy.camera": "Another program is using the camera. Close it, then try again.",
  "trouble.other.mic": "The microphone could not be opened.", "trouble.other.camera": "The camera could not be opened.",

  "device.mic": "Microphone", "device.camera": "Camera", "device.speaker": "Speaker", "device.unnamed": "Device {n}", "device.choose.mic": "Choose microphone and speaker", "device.choose.camera": "Choose camera",
  "device.none.mic": "No microphone is open", "device.none.camera": "Start the camera to choose one", "device.now.mic": "Microphone is now {label}", "device.now.camera": "Camera is now {label}",
  "device.gone.mic": "Your microphone is gone. Others can't hear you.", "device.gone.camera": "Your camera is gone.", "device.gone.speaker": "Your speaker is gone. Sound comes from another one.", "device.now.speaker": "Sound comes from {label}",

  "mute": "Mute", "unmute": "Unmute", "muted": "Muted", "unmuted": "Unmuted", "muted.talking": "You are muted; nobody hears you.",
  "camera.start": "Start camera", "camera.stop": "Stop camera", "camera.blur": "Blur background", "camera.blur.failed": "The camera could not do that.",
  "screen.start": "Share screen", "screen.stop": "Stop sharing", "screen.taken": "Somebody else is sharing already.", "screen.cannot": "This browser can't share a screen.", "screen.failed": "The screen could not be shared.", "sharing": "Sharing",
  "hand.raise": "Raise hand", "hand.lower": "Lower hand", "hand.place": "Hand raised, number {n}", "react": "React", "react.more": "More reactions",
  "people": "Participants", "people.count": { one: "{n} participant", other: "{n} participants" }, "captions": "Captions", "copyLink": "Copy link", "copied": "Link copied", "guest.invite": "Copy a guest link",
  "fullScreen": "Full screen", "fullScreen.cannot": "This browser has no full screen.", "pop": "Window of its own", "pop.cannot": "The window could not be opened.", "pop.here": "The call is in its own window", "pop.back": "Bring it back",
  "pin": "Show large", "unpin": "Show like the others", "volume": "Volume of {name}",
  "layout.grid": "Show everybody alike", "layout.speaker": "Show the speaker large", "layout.auto": "Choose by itself", "layout.is.grid": "Everybody alike", "layout.is.speaker": "The speaker large", "layout.is.auto": "Layout chosen by itself",
  "tiles": "People in the call", "tiles.rest": { one: "one more", other: "{n} more" }, "tile.you": "{name} (you)", "tile.screen": "Screen of {name}", "tile.poor": "Poor connection", "tile.menu": "Options for {name}",
  "leave.all": "End for everyone", "leave.all.then": "The call ends, and everybody is out of it.",

  "began": "You are in the call.", "came": "{name} has joined", "went": "{name} has left", "removed": "{name} was removed by the host",
  "phase.joining": "Connecting…", "phase.back": "You are connected again.", "alone": "Nobody else is here yet.", "alone.then": "Whoever opens the link of this call is in it.", "phase.reconnecting": "The connection is interrupted. Reconnecting…",
  "host.you": "You are the host now", "host.is": "{name} is the host now", "host.make": "Make host", "host.mute": "Mute", "host.muteAll": "Mute everyone", "host.stopScreen": "Stop their sharing", "host.remove": "Remove from call",
  "host.remove.ask": "Remove {name}?", "host.remove.then": "They leave at once, and can't come back to this call.", "order.refused": "That was not done: {why}",
  "ordered.mute": "The host has muted you", "ordered.screen-off": "The host has stopped your sharing", "ordered.lower-hand": "The host has lowered your hand",
  "sound.blocked": "Your browser is waiting for a click before it plays sound.", "sound.on": "Turn sound on",

  "recording": "Recording", "recording.start": "Start recording", "recording.stop": "Stop recording", "recording.stop.then": "The recording ends. You can start another one.", "recording.starting": "The recording is about to start", "recording.ended": "The recording has ended",
  "recording.failed": "The recording has failed: {why}", "recording.consent": "This call is being recorded. By staying you consent.", "recording.host": "You are recording. Everybody has been told.", "recording.soon": { one: "The recording ends in a minute", other: "The recording ends in {n} minutes" },

  "quality": "Connection", "quality.label": "Connection: {grade}", "quality.1": "Bad", "quality.2": "Poor", "quality.3": "Fair", "quality.4": "Good", "quality.wait": "It takes a few seconds to measure.", "quality.fine": "Nothing is lost, and nothing is late.",
  "quality.up": "Your uplink loses {n} %: others hear you with gaps.", "quality.down": "{n} % of what comes to you is lost: you hear others with gaps.", "quality.delay": "What you say arrives late: {n} ms there and back.", "quality.jitter": "Packets come unevenly, by {n} ms.",
  "quality.cpu": "Your computer is too busy to send its full picture.", "quality.tcp": "Media goes over TCP, since UDP is blocked: it may stutter.", "quality.advice": "Move nearer to the Wi-Fi or use a cable, pause downloads, or stop the camera.",

  "stats": "Statistics", "stats.path": "Path", "stats.roundTrip": "Round trip", "stats.jitter": "Jitter", "stats.loss": "Loss", "stats.rate": "Rate", "stats.mos": "Score (1 to 4.5)", "stats.stream": "Stream", "stats.codec": "Codec", "stats.kilobits": "kbit/s", "stats.limit": "held back by {what}", "stats.lossShort": "Loss", "stats.picture": "Picture",
  "stream.audio": "Sound", "stream.video": "Camera", "stream.voice": "Voice", "stream.screen": "Screen", "stream.screen-audio": "Screen's sound",

  "diagnosis": "Sound and pictures can't get through", "diagnosis.what": "The server answers, but no way for sound and pictures was found between it and this device. A firewall most likely blocks them. This page goes on trying.",
  "diagnosis.way": "Way", "diagnosis.address": "Address", "diagnosis.outcome": "Outcome", "diagnosis.turn": "The TURN servers of this site did not help either.", "diagnosis.noTurn": "This site has no TURN server, which would help behind strict firewalls.",
  "diagnosis.openTurn": "Open {what} to the TURN server {where}.", "diagnosis.credentials": "The TURN server {where} refuses this site's credentials; check them in media.ice_servers.",
  "diagnosis.ask": "What an administrator can do", "diagnosis.open": "Open {what} to {where}, and check media.host_override.", "diagnosis.addTurn": "Or set up a TURN server, and name it in media.ice_servers.", "diagnosis.wait": "Keep trying",
  "way.open": "Answered", "way.silent": "No answer", "way.refused": "Refused", "way.untried": "Not tried",

  "keys": "Keyboard shortcuts", "key.space": "Space", "key.ctrl": "Ctrl", "key.shift": "Shift", "key.join": "Join, before a call", "key.mute": "Mute or unmute", "key.talk": "Talk while held", "key.camera": "Camera on or off", "key.screen": "Share screen or stop", "key.hand": "Raise or lower hand", "key.react": "React",
  "key.people": "Participants", "key.record": "Record or stop", "key.leave": "Leave", "key.help": "These shortcuts",
  "settings.language": "Language", "settings.theme": "Colours", "theme.auto": "As the system", "theme.light": "Light", "theme.dark": "Dark", "settings.sounds": "Sounds when people come and go", "settings.mirror": "Mirror my own picture", "settings.captions": "Show captions",
  "settings.notify": "Notify me when a call begins", "settings.notified": "You are notified when a call begins", "settings.silent": "Notifications are blocked by the browser",
};
