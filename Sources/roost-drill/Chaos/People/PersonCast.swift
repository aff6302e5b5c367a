internal import Basics
internal import IO

/// The people of a drill, so many in each call, and the token by which each may see their channel.
struct PersonCast {
    let people: [DrillHistory.Person]
    let tokens: [String]

    init(calls: Int, perCall: Int, speaking: Int, using random: inout SeededRandom) throws {
        let passes = try CallPasses()
        var people: [DrillHistory.Person] = []
        var tokens: [String] = []
        for _ in 0..<calls {
            let channel = Identifier(using: &random).description
            for place in 0..<perCall {
                let user = "person \(people.count)"
                people.append(
                    DrillHistory.Person(user: user, channel: channel, speaks: place < speaking)
                )
                tokens.append(try passes.pass(for: user, into: channel))
            }
        }
        self.people = people
        self.tokens = tokens
    }

    var channels: [String] {
        people.reduce(into: []) { if $0.last != $1.channel { $0.append($1.channel) } }
    }
}
