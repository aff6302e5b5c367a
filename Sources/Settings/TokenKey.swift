package import Basics

/// A key that signed tokens are checked with, as the operator declared it. Files are not yet read.
package struct TokenKey: Equatable, Sendable {
    package enum Algorithm: String, CaseIterable, Sendable {
        case hs256 = "HS256"
        case es256 = "ES256"
        case edDSA = "EdDSA"
    }

    package enum Material: Equatable, Sendable {
        case secret(Secret)
        case secretFile(String)
        case publicKeyFile(String)
    }

    package static let shortestSecret = 32

    package var id: String
    package var algorithm: Algorithm
    package var material: Material
    /// For minting tokens; checking doesn't need it.
    package var privateKeyFile: String?

    package init(
        id: String,
        algorithm: Algorithm,
        material: Material,
        privateKeyFile: String? = nil
    ) {
        self.id = id
        self.algorithm = algorithm
        self.material = material
        self.privateKeyFile = privateKeyFile
    }
}

extension TokenKey {
    init?(_ given: Given, _ refusals: inout [Refusal]) {
        guard var record = Record(given) else {
            refusals.append(
                Refusal("must be a table of id, algorithm and a secret or a file", of: given)
            )
            return nil
        }
        let id = record.require("id", .text(upTo: 128))
        let algorithm = record.require("algorithm", .choice as Form<Algorithm>)
        let secret = record.take("secret", .secret())
        let secretFile = record.take("secret_file", .file)
        let publicKeyFile = record.take("public_key_file", .file)
        let privateKeyFile = record.take("private_key_file", .file)
        if id?.isEmpty == true { record.refuse(".id", "must not be empty") }
        if let secret, secret.revealed.count < Self.shortestSecret {
            record.refuse(
                ".secret",
                "must be at least \(Self.shortestSecret) bytes; `openssl rand -base64 48` makes one"
            )
        }
        var material: Material?
        switch (algorithm, secret, secretFile, publicKeyFile) {
        case (.hs256, let secret?, nil, nil): material = .secret(secret)
        case (.hs256, nil, let file?, nil): material = .secretFile(file)
        case (.es256, nil, nil, let file?), (.edDSA, nil, nil, let file?):
            material = .publicKeyFile(file)
        case (.hs256, _, _, _):
            if record.refusals.isEmpty {
                record.refuse("", "with HS256 must have either secret or secret_file")
            }
        case (.es256, _, _, _), (.edDSA, _, _, _):
            if record.refusals.isEmpty {
                record.refuse("", "with ES256 or EdDSA must have public_key_file and no secret")
            }
        case (nil, _, _, _): break
        }
        let isWhole = record.refusals.isEmpty
        let before = refusals.count
        record.finish(into: &refusals)
        guard isWhole, refusals.count == before, let id, let algorithm, let material else {
            return nil
        }
        self.init(
            id: id,
            algorithm: algorithm,
            material: material,
            privateKeyFile: privateKeyFile
        )
    }

    var text: String {
        var fields = [
            (name: "id", value: TOMLText.quoted(id)),
            (name: "algorithm", value: TOMLText.quoted(algorithm.rawValue)),
        ]
        switch material {
        case .secret: fields.append(("secret", TOMLText.quoted(Secret.mask)))
        case .secretFile(let file): fields.append(("secret_file", TOMLText.quoted(file)))
        case .publicKeyFile(let file): fields.append(("public_key_file", TOMLText.quoted(file)))
        }
        if let privateKeyFile {
            fields.append(("private_key_file", TOMLText.quoted(privateKeyFile)))
        }
        return TOMLText.table(fields)
    }
}

extension Form<[TokenKey]> {
    /// A list of keys, no two of one id.
    static var tokenKeys: Form {
        let rule = "must be a list of at most 100 tables, or JSON of the same"
        return Form(
            rule,
            readParts: { given, refusals in
                guard let elements = given.elements, elements.count <= 100 else {
                    refusals.append(Refusal(rule, of: given))
                    return nil
                }
                guard let keys = elements.readEach(&refusals, { TokenKey($0, &$1) }) else {
                    return nil
                }
                var ids: Set<String> = []
                for (index, key) in keys.enumerated() where !ids.insert(key.id).inserted {
                    var refusal = Refusal(
                        "is \(TOMLText.quoted(key.id)), as another key's is; ids must differ",
                        missingIn: elements[index]
                    )
                    refusal.part = "[\(index)].id"
                    refusals.append(refusal)
                }
                return ids.count == keys.count ? keys : nil
            },
            write: { TOMLText.list($0.map(\.text)) }
        )
    }
}
