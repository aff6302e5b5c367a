/// One line of the log before it has a form.
package struct LogRecord: Hashable, Sendable {
    package var time: WallTime
    package var level: LogLevel
    package var room: String
    package var message: String
    package var fields: LogFields

    package init(
        time: WallTime,
        level: LogLevel,
        room: String,
        message: String,
        fields: LogFields = [:]
    ) {
        self.time = time
        self.level = level
        self.room = room
        self.message = message
        self.fields = fields
    }
}

/// What a line is about, by name, in the order it was written down.
package struct LogFields: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: LogValue
    }

    package private(set) var all: [Field] = []

    package init(dictionaryLiteral fields: (String, LogValue)...) {
        all = fields.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first field of this name. Setting appends, or replaces that one.
    package subscript(name: String) -> LogValue? {
        get { all.first { $0.name == name }?.value }
        set {
            let index = all.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): all[index].value = value
            case (let index?, nil): all.remove(at: index)
            case (nil, let value?): all.append(Field(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}

/// The value of a field.
package enum LogValue: Hashable, Sendable {
    case string(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case duration(Duration)

    package static func int(_ value: some BinaryInteger) -> LogValue {
        .int(Int64(clamping: value))
    }

    /// What went wrong, in the error's own words.
    package static func error(_ error: any Error) -> LogValue {
        .string("\(error)")
    }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) {
        self = .string(value)
    }

    package init(integerLiteral value: Int64) {
        self = .int(value)
    }

    package init(floatLiteral value: Double) {
        self = .double(value)
    }

    package init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}
