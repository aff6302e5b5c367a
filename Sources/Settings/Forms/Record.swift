/// The fields of one table among the settings, taken by name until none is left over.
struct Record {
    private let given: Given
    private var fields: [Given.Field]
    private var known: [String] = []
    private(set) var refusals: [Refusal] = []

    init?(_ given: Given) {
        guard let fields = given.fields else { return nil }
        self.given = given
        self.fields = fields
    }

    /// The field of that name in that form; nil if it is absent or refused.
    mutating func take<Value>(_ name: String, _ form: Form<Value>) -> Value? {
        known.append(name)
        guard let place = fields.firstIndex(where: { $0.name == name }) else { return nil }
        let first = refusals.count
        let value = form.read(fields.remove(at: place).value, &refusals)
        for place in first..<refusals.count {
            refusals[place].part = ".\(name)" + refusals[place].part
        }
        return value
    }

    /// As `take`, but its absence is a fault.
    mutating func require<Value>(_ name: String, _ form: Form<Value>) -> Value? {
        let isThere = fields.contains { $0.name == name }
        let value = take(name, form)
        if !isThere { refuse(".\(name)", "is missing; it \(form.rule)") }
        return value
    }

    mutating func refuse(_ part: String, _ rule: String, suggestion: String? = nil) {
        var refusal = Refusal(rule, missingIn: given, suggestion: suggestion)
        refusal.part = part
        refusals.append(refusal)
    }

    /// Refuses the fields that nobody asked for, and hands over all refusals.
    mutating func finish(into all: inout [Refusal]) {
        for field in fields {
            var refusal = Refusal(
                "is not known here",
                missingIn: field.value,
                suggestion: NearMiss.suggestion(for: field.name, among: known)
            )
            refusal.part = ".\(field.name)"
            refusals.append(refusal)
        }
        all += refusals
    }
}
