// Die Worte der Seite auf Deutsch.
export const de = {
  "again": "Noch einmal", "cancel": "Abbrechen", "close": "Schließen", "done": "Fertig", "ok": "In Ordnung", "why": "Warum?", "you": "Sie", "more": "Mehr", "name": "Ihr Name", "settings": "Einstellungen", "logOut": "Abmelden",
  "join": "Beitreten", "rejoin": "Wieder beitreten", "leave": "Verlassen", "toChannels": "Zu den Kanälen", "host": "Leitung", "guest": "Gast", "timer": "Zeit seit Beginn des Gesprächs", "controls": "Bedienung des Gesprächs",
  "unreachable": "Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung; die Seite versucht es weiter.",
  "old": "Dieser Browser ist zu alt für Gespräche", "old.then": "Ihm fehlt {what}. Ein aktueller Firefox, Chrome, Edge oder Safari genügt.",

  "home.title": "Miteinander reden", "home.lead": "Ein Name, ein Kanal. Wer denselben Link öffnet, ist im selben Gespräch.", "home.channel": "Kanal", "home.example": "nachteulen", "home.go": "Hingehen",
  "home.channels": "Kanäle", "home.none": "Noch keine Kanäle. Geben Sie oben irgendeinen Namen ein.", "home.loading": "Suche Gespräche…", "home.quiet": "Niemand spricht gerade", "home.live": "Live", "home.inCall": "{who} im Gespräch", "home.began": "{who} hat in {channel} ein Gespräch begonnen",
  "home.others": { one: "eine weitere Person", other: "{n} weitere" },

  "lobby.guest": "Sie sind zu einem Gespräch eingeladen", "lobby.guest.lead": "Sagen Sie, wie Sie heißen möchten, und kommen Sie herein.", "lobby.lead": "Ein Blick auf sich selbst, dann herein.", "lobby.preview": "Wie andere Sie sehen werden",
  "lobby.as": "Sie kommen als {name}", "lobby.other": "Nicht Sie?", "lobby.joining": "Beitreten…", "lobby.empty": "Noch ist niemand hier. Sie sind zuerst da.",
  "lobby.there": { one: "{who} ist hier", other: "{who} sind hier" }, "lobby.failed": "Das ging nicht: {why}", "lobby.expired": "Dieser Link gilt nicht mehr. Bitten Sie um einen neuen.",
  "lobby.token": "Dieser Server lässt Leute ein, für die eine andere Anwendung bürgt. Öffnen Sie das Gespräch von dort, oder bitten Sie um einen Gast-Link.", "lobby.forbidden": "Sie dürfen diesen Kanal nicht betreten. Bitten Sie, wer Sie eingeladen hat, um Einlass.",
  "login.again": "Neu anmelden", "login.ended": "Ihre Anmeldung ist abgelaufen. Bitte melden Sie sich neu an.",

  "parting.left": "Sie haben das Gespräch verlassen", "parting.left.then": "Es geht ohne Sie weiter, solange jemand darin ist.",
  "parting.ended": "Das Gespräch ist zu Ende", "parting.ended.then": "Die Leitung hat es für alle beendet.",
  "parting.removed": "Sie wurden aus dem Gespräch entfernt", "parting.removed.then": "Die Leitung hat Sie gebeten zu gehen. Wenn das ein Irrtum war, sprechen Sie mit ihr.",
  "parting.login": "Ihre Anmeldung ist abgelaufen", "parting.login.then": "Melden Sie sich neu an, dann können Sie zurück ins Gespräch.",
  "parting.full": "Das Gespräch ist voll", "parting.full.then": "Mehr Leute passen nicht hinein. Versuchen Sie es wieder, wenn jemand gegangen ist.",
  "parting.refused": "Sie konnten nicht beitreten", "parting.refused.then": "Der Server hat Sie nicht eingelassen. Versuchen Sie es gleich noch einmal.",

  "trouble.insecure.mic": "Browser öffnen das Mikrofon nur für Seiten über https. Zuhören geht; zum Sprechen fragen Sie nach der https-Adresse.",
  "trouble.insecure.camera": "Browser öffnen die Kamera nur für Seiten über https.", "trouble.insecure.screen": "Browser teilen den Bildschirm nur von Seiten über https.",
  "trouble.denied.mic": "Das Mikrofon ist gesperrt. Erlauben Sie es neben der Adresse dieser Seite und versuchen Sie es noch einmal. Zuhören geht schon jetzt.",
  "trouble.denied.camera": "Die Kamera ist gesperrt. Erlauben Sie sie neben der Adresse dieser Seite und versuchen Sie es noch einmal.",
  "trouble.missing.mic": "Kein Mikrofon gefunden. Schließen Sie eines an, oder hören Sie zu.", "trouble.missing.camera": "Keine Kamera gefunden.",
  "trouble.busy.mic": "Ein anderes Programm benutzt das Mikrofon. Schließen Sie es und versuchen Sie es noch einmal.", "trouble.busy.camera": "Ein anderes Programm benutzt die Kamera. Schließen Sie es und versuchen Sie es noch einmal.",
  "trouble.other.mic": "Das Mikrofon ließ sich nicht öffnen.", "trouble.other.camera": "Die Kamera ließ sich nicht öffnen.",

  "device.mic": "Mikrofon", "device.camera": "Kamera", "device.speaker": "Lautsprecher", "device.unnamed": "Gerät {n}", "device.choose.mic": "Mikrofon und Lautsprecher wählen", "device.choose.camera": "Kamera wählen",
  "device.none.mic": "Kein Mikrofon ist offen", "device.none.camera": "Erst die Kamera einschalten, dann wählen", "device.now.mic": "Mikrofon ist jetzt {label}", "device.now.camera": "Kamera ist jetzt {label}",
  "device.gone.mic": "Ihr Mikrofon ist weg. Niemand hört Sie.", "device.gone.camera": "Ihre Kamera ist weg.", "device.gone.speaker": "Ihr Lautsprecher ist weg. Der Ton kommt aus einem anderen.", "device.now.speaker": "Der Ton kommt aus {label}",

  "mute": "Stumm schalten", "unmute": "Sprechen", "muted": "Stumm", "unmuted": "Mikrofon an", "muted.talking": "Sie sind stumm; niemand hört Sie.",
  "camera.start": "Kamera einschalten", "camera.stop": "Kamera ausschalten", "camera.blur": "Hintergrund verwischen", "camera.blur.failed": "Die Kamera konnte das nicht.",
  "screen.start": "Bildschirm teilen", "screen.stop": "Nicht mehr teilen", "screen.taken": "Schon jemand anderes teilt den Bildschirm.", "screen.cannot": "Dieser Browser kann keinen Bildschirm teilen.", "screen.failed": "Der Bildschirm ließ sich nicht teilen.", "sharing": "Teilt den Bildschirm",
  "hand.raise": "Hand heben", "hand.lower": "Hand senken", "hand.place": "Hand gehoben, Nummer {n}", "react": "Reagieren", "react.more": "Mehr davon",
  "people": "Teilnehmende", "people.count": { one: "{n} Person", other: "{n} Personen" }, "captions": "Untertitel", "copyLink": "Link kopieren", "copied": "Link kopiert", "guest.invite": "Gast-Link kopieren",
  "fullScreen": "Ganzer Bildschirm", "fullScreen.cannot": "Das kann dieser Browser nicht.", "pop": "Eigenes Fenster", "pop.cannot": "Das Fenster ließ sich nicht öffnen.", "pop.here": "Das Gespräch ist in seinem eigenen Fenster", "pop.back": "Zurückholen",
  "pin": "Groß zeigen", "unpin": "Wie die anderen zeigen", "volume": "Lautstärke von {name}",
  "layout.grid": "Alle gleich zeigen", "layout.speaker": "Wer spricht, groß zeigen", "layout.auto": "Von selbst wählen", "layout.is.grid": "Alle gleich", "layout.is.speaker": "Wer spricht, groß", "layout.is.auto": "Ansicht wählt sich selbst",
  "tiles": "Leute im Gespräch", "tiles.rest": { one: "noch jemand", other: "noch {n}" }, "tile.you": "{name} (Sie)", "tile.screen": "Bildschirm von {name}", "tile.poor": "Schlechte Verbindung", "tile.menu": "Optionen für {name}",
  "leave.all": "Für alle beenden", "leave.all.then": "Das Gespräch ist dann für alle zu Ende.",

  "began": "Sie sind im Gespräch.", "came": "{name} ist da", "went": "{name} ist gegangen", "removed": "{name} wurde von der Leitung entfernt",
  "phase.joining": "Verbinde…", "phase.back": "Sie sind wieder verbunden.", "alone": "Noch ist niemand sonst hier.", "alone.then": "Wer den Link dieses Gesprächs öffnet, ist dabei.", "phase.reconnecting": "Die Verbindung ist unterbrochen. Sie wird wiederhergestellt…",
  "host.you": "Sie haben jetzt die Leitung", "host.is": "{name} hat jetzt die Leitung", "host.make": "Leitung übergeben", "host.mute": "Stumm schalten", "host.muteAll": "Alle stumm schalten", "host.stopScreen": "Teilen beenden", "host.remove": "Aus dem Gespräch entfernen",
  "host.remove.ask": "{name} entfernen?", "host.remove.then": "Die Person ist sofort draußen und kann in dieses Gespräch nicht zurück.", "order.refused": "Das wurde nicht getan: {why}",
  "ordered.mute": "Die Leitung hat Sie stumm geschaltet", "ordered.screen-off": "Die Leitung hat Ihr Teilen beendet", "ordered.lower-hand": "Die Leitung hat Ihre Hand gesenkt",
  "sound.blocked": "Ihr Browser wartet auf einen Klick, bevor er Ton abspielt.", "sound.on": "Ton einschalten",

  "recording": "Aufnahme", "recording.start": "Aufnehmen", "recording.stop": "Aufnahme beenden", "recording.stop.then": "Die Aufnahme endet. Sie können eine neue beginnen.", "recording.starting": "Die Aufnahme beginnt gleich", "recording.ended": "Die Aufnahme ist zu Ende",
  "recording.failed": "Die Aufnahme ist gescheitert: {why}", "recording.consent": "Dieses Gespräch wird aufgenommen. Wenn Sie bleiben, stimmen Sie zu.", "recording.host": "Sie nehmen auf. Alle wissen es.", "recording.soon": { one: "Die Aufnahme endet in einer Minute", other: "Die Aufnahme endet in {n} Minuten" },

  "quality": "Verbindung", "quality.label": "Verbindung: {grade}", "quality.1": "Sehr schlecht", "quality.2": "Schlecht", "quality.3": "Mäßig", "quality.4": "Gut", "quality.wait": "Das Messen dauert ein paar Sekunden.", "quality.fine": "Nichts geht verloren, nichts kommt zu spät.",
  "quality.up": "Auf Ihrem Weg nach draußen gehen {n} % verloren: andere hören Sie mit Lücken.", "quality.down": "{n} % von dem, was zu Ihnen kommt, geht verloren: Sie hören andere mit Lücken.", "quality.delay": "Was Sie sagen, kommt spät an: {n} ms hin und zurück.", "quality.jitter": "Pakete kommen ungleichmäßig, um {n} ms.",
  "quality.cpu": "Ihr Rechner ist zu beschäftigt, um sein volles Bild zu senden.", "quality.tcp": "Ton und Bild gehen über TCP, weil UDP gesperrt ist: es kann stocken.", "quality.advice": "Gehen Sie näher ans WLAN oder nehmen Sie ein Kabel, halten Sie Downloads an, oder schalten Sie die Kamera aus.",

  "stats": "Statistik", "stats.path": "Weg", "stats.roundTrip": "Hin und zurück", "stats.jitter": "Schwankung", "stats.loss": "Verlust", "stats.rate": "Rate", "stats.mos": "Note (1 bis 4,5)", "stats.stream": "Strom", "stats.codec": "Codec", "stats.kilobits": "kbit/s", "stats.limit": "gebremst durch {what}", "stats.lossShort": "Verlust", "stats.picture": "Bild",
  "stream.audio": "Ton", "stream.video": "Kamera", "stream.voice": "Stimme", "stream.screen": "Bildschirm", "stream.screen-audio": "Ton des Bildschirms",

  "diagnosis": "Ton und Bild kommen nicht durch", "diagnosis.what": "Der Server antwortet, aber für Ton und Bild fand sich kein Weg zwischen ihm und diesem Gerät. Wahrscheinlich sperrt sie eine Firewall. Die Seite versucht es weiter.",
  "diagnosis.way": "Weg", "diagnosis.address": "Adresse", "diagnosis.outcome": "Ergebnis", "diagnosis.turn": "Auch die TURN-Server dieses Servers halfen nicht.", "diagnosis.noTurn": "Dieser Server hat keinen TURN-Server, der hinter strengen Firewalls helfen würde.",
  "diagnosis.openTurn": "{what} zum TURN-Server {where} öffnen.", "diagnosis.credentials": "Der TURN-Server {where} lehnt die Zugangsdaten ab; prüfen Sie sie in media.ice_servers.",
  "diagnosis.ask": "Was ein Administrator tun kann", "diagnosis.open": "{what} zu {where} öffnen, und media.host_override prüfen.", "diagnosis.addTurn": "Oder einen TURN-Server aufsetzen und in media.ice_servers nennen.", "diagnosis.wait": "Weiter versuchen",
  "way.open": "Hat geantwortet", "way.silent": "Keine Antwort", "way.refused": "Abgelehnt", "way.untried": "Nicht versucht",

  "keys": "Tastenkürzel", "key.space": "Leertaste", "key.ctrl": "Strg", "key.shift": "Umschalt", "key.join": "Beitreten, vor dem Gespräch", "key.mute": "Stumm oder sprechen", "key.talk": "Sprechen, solange gedrückt", "key.camera": "Kamera an oder aus", "key.screen": "Bildschirm teilen oder nicht", "key.hand": "Hand heben oder senken", "key.react": "Reagieren",
  "key.people": "Teilnehmende", "key.record": "Aufnehmen oder beenden", "key.leave": "Verlassen", "key.help": "Diese Kürzel",
  "settings.language": "Sprache", "settings.theme": "Farben", "theme.auto": "Wie das System", "theme.light": "Hell", "theme.dark": "Dunkel", "settings.sounds": "Töne, wenn Leute kommen und gehen", "settings.mirror": "Mein eigenes Bild spiegeln", "settings.captions": "Untertitel zeigen",
  "settings.notify": "Benachrichtigen, wenn ein Gespräch beginnt", "settings.notified": "Sie werden benachrichtigt, wenn ein Gespräch beginnt", "settings.silent": "Der Browser sperrt Benachrichtigungen",
};
