// The page's words in Arabic, which is read from the right.
export const ar = {
  "again": "حاول مرة أخرى", "cancel": "إلغاء", "close": "إغلاق", "done": "تم", "ok": "حسنًا", "why": "لماذا؟", "you": "أنت", "more": "المزيد", "name": "اسمك", "settings": "الإعدادات", "logOut": "تسجيل الخروج",
  "join": "انضمام", "rejoin": "الانضمام من جديد", "leave": "مغادرة", "toChannels": "إلى القنوات", "host": "مضيف", "guest": "ضيف", "timer": "الوقت منذ بدء المكالمة", "controls": "أدوات المكالمة",
  "unreachable": "تعذّر الوصول إلى الخادم. تحقق من اتصالك؛ هذه الصفحة تعيد المحاولة.",
  "old": "هذا المتصفح أقدم من أن يجري المكالمات", "old.then": "تنقصه {what}. يكفي إصدار حديث من Firefox أو Chrome أو Edge أو Safari.",

  "home.title": "تحدثوا معًا", "home.lead": "اختر اسمًا وقناة. كل من يفتح الرابط نفسه يكون في المكالمة نفسها.", "home.channel": "القناة", "home.example": "night-owls", "home.go": "اذهب إليها",
  "home.channels": "القنوات", "home.none": "لا قنوات بعد. اكتب أي اسم أعلاه لفتح قناة.", "home.loading": "البحث عن المكالمات…", "home.quiet": "لا أحد في مكالمة", "home.live": "مباشر", "home.inCall": "{who} في مكالمة", "home.began": "بدأ {who} مكالمة في {channel}",
  "home.others": { one: "شخص آخر", two: "شخصان آخران", few: "{n} آخرون", many: "{n} آخرون", other: "{n} آخرون" },

  "lobby.guest": "أنت مدعو إلى مكالمة", "lobby.guest.lead": "اكتب الاسم الذي تريد أن تُعرف به ثم ادخل.", "lobby.lead": "ألقِ نظرة على نفسك ثم ادخل.", "lobby.preview": "كيف سيراك الآخرون",
  "lobby.as": "الانضمام باسم {name}", "lobby.other": "لست أنت؟", "lobby.joining": "جارٍ الانضمام…", "lobby.empty": "لا أحد هنا بعد. ستكون الأول.",
  "lobby.there": { one: "{who} هنا", other: "{who} هنا" }, "lobby.failed": "لم ينجح ذلك: {why}", "lobby.expired": "لم يعد هذا الرابط صالحًا. اطلب رابطًا آخر ممن أرسله.",
  "lobby.token": "هذا الخادم يُدخل من يعرّف بهم تطبيق آخر. افتح المكالمة من هناك أو اطلب رابط ضيف.", "lobby.forbidden": "لا يحق لك دخول هذه القناة. اطلب ممن دعاك أن يسمح لك.",
  "login.again": "تسجيل الدخول من جديد", "login.ended": "انتهى تسجيل دخولك. سجّل الدخول من جديد.",

  "parting.left": "لقد غادرت المكالمة", "parting.left.then": "تستمر بدونك ما دام فيها أحد.",
  "parting.ended": "انتهت المكالمة", "parting.ended.then": "أنهاها المضيف للجميع.",
  "parting.removed": "أُخرجت من المكالمة", "parting.removed.then": "طلب منك مضيف أن تغادر. إن ظننت أن ذلك خطأ فتحدث إليه.",
  "parting.login": "انتهى تسجيل دخولك", "parting.login.then": "سجّل الدخول من جديد لتعود إلى المكالمة.",
  "parting.full": "المكالمة ممتلئة", "parting.full.then": "لا تتسع لمزيد من الناس. حاول حين يغادر أحد.",
  "parting.refused": "لم تتمكن من الانضمام", "parting.refused.then": "لم يسمح لك الخادم بالدخول. حاول بعد قليل.",

  "trouble.insecure.mic": "لا تفتح المتصفحات الميكروفون إلا لصفحات https. يمكنك الاستماع؛ وللتحدث اطلب عنوان https.",
  "trouble.insecure.camera": "لا تفتح المتصفحات الكاميرا إلا لصفحات https.", "trouble.insecure.screen": "لا تشارك المتصفحات الشاشة إلا من صفحات https.",
  "trouble.denied.mic": "الميكروفون محجوب. اسمح به بجانب عنوان هذه الصفحة ثم حاول مرة أخرى. يمكنك في الأثناء الانضمام والاستماع.",
  "trouble.denied.camera": "الكاميرا محجوبة. اسمح بها بجانب عنوان هذه الصفحة ثم حاول مرة أخرى.",
  "trouble.missing.mic": "لم يُعثر على ميكروفون. صِل واحدًا أو انضم للاستماع.", "trouble.missing.camera": "لم يُعثر على كاميرا.",
  "trouble.busy.mic": "برنامج آخر يستخدم الميكروفون. أغلقه ثم حاول مرة أخرى.", "trouble.busy.camera": "برنامج آخر يستخدم الكاميرا. أغلقه ثم حاول مرة أخرى.",
  "trouble.other.mic": "تعذّر فتح الميكروفون.", "trouble.other.camera": "تعذّر فتح الكاميرا.",

  "device.mic": "الميكروفون", "device.camera": "الكاميرا", "device.speaker": "مكبر الصوت", "device.unnamed": "جهاز {n}", "device.choose.mic": "اختيار الميكروفون ومكبر الصوت", "device.choose.camera": "اختيار الكاميرا",
  "device.none.mic": "لا ميكروفون مفتوح", "device.none.camera": "شغّل الكاميرا لاختيار واحدة", "device.now.mic": "الميكروفون الآن {label}", "device.now.camera": "الكاميرا الآن {label}",
  "device.gone.mic": "اختفى ميكروفونك. لا يسمعك الآخرون.", "device.gone.camera": "اختفت كاميرتك.", "device.gone.speaker": "اختفى مكبر الصوت. يأتي الصوت من آخر.", "device.now.speaker": "يأتي الصوت من {label}",

  "mute": "كتم", "unmute": "إلغاء الكتم", "muted": "مكتوم", "unmuted": "غير مكتوم", "muted.talking": "صوتك مكتوم؛ لا يسمعك أحد.",
  "camera.start": "تشغيل الكاميرا", "camera.stop": "إيقاف الكاميرا", "camera.blur": "تمويه الخلفية", "camera.blur.failed": "لم تستطع الكاميرا ذلك.",
  "screen.start": "مشاركة الشاشة", "screen.stop": "إيقاف المشاركة", "screen.taken": "هناك من يشارك بالفعل.", "screen.cannot": "لا يستطيع هذا المتصفح مشاركة الشاشة.", "screen.failed": "تعذّرت مشاركة الشاشة.", "sharing": "يشارك الشاشة",
  "hand.raise": "رفع اليد", "hand.lower": "إنزال اليد", "hand.place": "اليد مرفوعة، الترتيب {n}", "react": "تفاعل", "react.more": "تفاعلات أخرى",
  "people": "المشاركون", "people.count": { zero: "لا مشاركين", one: "مشارك واحد", two: "مشاركان", few: "{n} مشاركين", many: "{n} مشاركًا", other: "{n} مشارك" }, "captions": "التسميات التوضيحية", "copyLink": "نسخ الرابط", "copied": "نُسخ الرابط", "guest.invite": "نسخ رابط ضيف",
  "fullScreen": "ملء الشاشة", "fullScreen.cannot": "لا يعرف هذا المتصفح ملء الشاشة.", "pop": "نافذة مستقلة", "pop.cannot": "تعذّر فتح النافذة.", "pop.here": "المكالمة في نافذة مستقلة", "pop.back": "أعدها إلى هنا",
  "pin": "عرض كبير", "unpin": "عرض كالآخرين", "volume": "صوت {name}",
  "layout.grid": "عرض الجميع بالتساوي", "layout.speaker": "عرض المتحدث كبيرًا", "layout.auto": "اختيار تلقائي", "layout.is.grid": "الجميع بالتساوي", "layout.is.speaker": "المتحدث كبير", "layout.is.auto": "يُختار العرض تلقائيًا",
  "tiles": "الناس في المكالمة", "tiles.rest": { one: "شخص آخر", two: "شخصان آخران", few: "{n} آخرون", many: "{n} آخرون", other: "{n} آخرون" }, "tile.you": "{name} (أنت)", "tile.screen": "شاشة {name}", "tile.poor": "اتصال ضعيف", "tile.menu": "خيارات {name}",
  "leave.all": "إنهاء للجميع", "leave.all.then": "تنتهي المكالمة ويخرج منها الجميع.",

  "began": "أنت في المكالمة.", "came": "انضم {name}", "went": "غادر {name}", "removed": "أخرج المضيف {name}",
  "phase.joining": "جارٍ الاتصال…", "phase.back": "عدت متصلًا.", "alone": "لا أحد غيرك هنا بعد.", "alone.then": "كل من يفتح رابط هذه المكالمة يكون فيها.", "phase.reconnecting": "انقطع الاتصال. جارٍ إعادته…",
  "host.you": "أنت المضيف الآن", "host.is": "{name} هو المضيف الآن", "host.make": "اجعله المضيف", "host.mute": "كتم", "host.muteAll": "كتم الجميع", "host.stopScreen": "إيقاف مشاركته", "host.remove": "إخراج من المكالمة",
  "host.remove.ask": "إخراج {name}؟", "host.remove.then": "يغادر فورًا ولا يستطيع العودة إلى هذه المكالمة.", "order.refused": "لم يتم ذلك: {why}",
  "ordered.mute": "كتم المضيف صوتك", "ordered.screen-off": "أوقف المضيف مشاركتك", "ordered.lower-hand": "أنزل المضيف يدك",
  "sound.blocked": "ينتظر متصفحك نقرة قبل أن يشغّل الصوت.", "sound.on": "تشغيل الصوت",

  "recording": "تسجيل", "recording.start": "بدء التسجيل", "recording.stop": "إيقاف التسجيل", "recording.stop.then": "ينتهي التسجيل. يمكنك بدء تسجيل آخر.", "recording.starting": "التسجيل على وشك أن يبدأ", "recording.ended": "انتهى التسجيل",
  "recording.failed": "فشل التسجيل: {why}", "recording.consent": "تُسجَّل هذه المكالمة. ببقائك فأنت توافق.", "recording.host": "أنت تسجّل. أُبلغ الجميع بذلك.",
  "recording.soon": { one: "ينتهي التسجيل بعد دقيقة", two: "ينتهي التسجيل بعد دقيقتين", few: "ينتهي التسجيل بعد {n} دقائق", many: "ينتهي التسجيل بعد {n} دقيقة", other: "ينتهي التسجيل بعد {n} دقيقة" },

  "quality": "الاتصال", "quality.label": "الاتصال: {grade}", "quality.1": "سيئ", "quality.2": "ضعيف", "quality.3": "مقبول", "quality.4": "جيد", "quality.wait": "يستغرق القياس بضع ثوانٍ.", "quality.fine": "لا شيء يضيع ولا شيء يتأخر.",
  "quality.up": "يفقد إرسالك {n} %: يسمعك الآخرون متقطعًا.", "quality.down": "يضيع {n} % مما يصلك: تسمع الآخرين متقطعين.", "quality.delay": "يصل كلامك متأخرًا: {n} مللي ثانية ذهابًا وإيابًا.", "quality.jitter": "تصل الحزم بغير انتظام، بفارق {n} مللي ثانية.",
  "quality.cpu": "حاسوبك مشغول أكثر من أن يرسل صورته كاملة.", "quality.tcp": "يمر الصوت والصورة عبر TCP لأن UDP محجوب: قد يتقطعان.", "quality.advice": "اقترب من شبكة Wi-Fi أو استخدم كبلًا، أو أوقف التنزيلات، أو أوقف الكاميرا.",

  "stats": "الإحصاءات", "stats.path": "المسار", "stats.roundTrip": "ذهابًا وإيابًا", "stats.jitter": "التذبذب", "stats.loss": "الفقد", "stats.rate": "المعدل", "stats.mos": "الدرجة (1 إلى 4.5)", "stats.stream": "التدفق", "stats.codec": "الترميز", "stats.kilobits": "kbit/s", "stats.limit": "يحدّه {what}", "stats.lossShort": "الفقد", "stats.picture": "الصورة",
  "stream.audio": "صوت", "stream.video": "كاميرا", "stream.voice": "كلام", "stream.screen": "شاشة", "stream.screen-audio": "صوت الشاشة",

  "diagnosis": "لا يمر الصوت ولا الصورة", "diagnosis.what": "يجيب الخادم، لكن لم يوجد طريق للصوت والصورة بينه وبين هذا الجهاز. الأرجح أن جدارًا ناريًا يحجبهما. تواصل هذه الصفحة المحاولة.",
  "diagnosis.way": "الطريق", "diagnosis.address": "العنوان", "diagnosis.outcome": "النتيجة", "diagnosis.turn": "لم تُفد خوادم TURN في هذا الموقع أيضًا.", "diagnosis.noTurn": "ليس لهذا الموقع خادم TURN، وهو ما يفيد خلف الجدران النارية الصارمة.",
  "diagnosis.openTurn": "افتح {what} إلى خادم TURN وهو {where}.", "diagnosis.credentials": "يرفض خادم TURN وهو {where} بيانات هذا الموقع؛ راجعها في media.ice_servers.",
  "diagnosis.ask": "ما يستطيع المسؤول فعله", "diagnosis.open": "افتح {what} إلى {where}، وراجع media.host_override.", "diagnosis.addTurn": "أو جهّز خادم TURN واذكره في media.ice_servers.", "diagnosis.wait": "مواصلة المحاولة",
  "way.open": "أجاب", "way.silent": "لا جواب", "way.refused": "رُفض", "way.untried": "لم يُجرَّب",

  "keys": "اختصارات لوحة المفاتيح", "key.space": "Space", "key.ctrl": "Ctrl", "key.shift": "Shift", "key.join": "انضمام، قبل المكالمة", "key.mute": "كتم أو إلغاء الكتم", "key.talk": "تحدث ما دام مضغوطًا", "key.camera": "تشغيل الكاميرا أو إيقافها", "key.screen": "مشاركة الشاشة أو إيقافها", "key.hand": "رفع اليد أو إنزالها", "key.react": "تفاعل",
  "key.people": "المشاركون", "key.record": "بدء التسجيل أو إيقافه", "key.leave": "مغادرة", "key.help": "هذه الاختصارات",
  "settings.language": "اللغة", "settings.theme": "الألوان", "theme.auto": "كالنظام", "theme.light": "فاتح", "theme.dark": "داكن", "settings.sounds": "أصوات عند مجيء الناس وذهابهم", "settings.mirror": "عكس صورتي", "settings.captions": "عرض التسميات التوضيحية",
  "settings.notify": "أعلمني حين تبدأ مكالمة", "settings.notified": "ستُعلَم حين تبدأ مكالمة", "settings.silent": "يحجب المتصفح الإشعارات",
};
