import Basics
import Media

/// A template structure as appendix A of the AV1 RTP specification writes it down.
struct StructureModel {
    struct Template {
        var spatial: Int
        var temporal: Int
        var indications: [Int]
        var differences: [Int]
        var chains: [Int]
    }

    var first = 5
    var targets: Int
    var templates: [Template]
    var protectedBy: [Int]
    var sizes: [PictureSize]

    static let threeTemporal = StructureModel(
        targets: 3,
        templates: [
            Template(
                spatial: 0,
                temporal: 0,
                indications: [2, 2, 2],
                differences: [],
                chains: [0]
            ),
            Template(
                spatial: 0,
                temporal: 0,
                indications: [2, 2, 2],
                differences: [4],
                chains: [4]
            ),
            Template(
                spatial: 0,
                temporal: 1,
                indications: [2, 2, 0],
                differences: [2],
                chains: [2]
            ),
            Template(
                spatial: 0,
                temporal: 2,
                indications: [1, 0, 0],
                differences: [1],
                chains: [3]
            ),
            Template(
                spatial: 0,
                temporal: 2,
                indications: [2, 0, 0],
                differences: [1],
                chains: [1]
            ),
        ],
        protectedBy: [0, 0, 0],
        sizes: [PictureSize(width: 640, height: 360)]
    )

    init(
        targets: Int,
        templates: [Template],
        protectedBy: [Int],
        sizes: [PictureSize]
    ) {
        self.targets = targets
        self.templates = templates
        self.protectedBy = protectedBy
        self.sizes = sizes
    }

    init(using random: inout SeededRandom) {
        first = Int.random(in: 0..<64, using: &random)
        targets = Int.random(in: 1...32, using: &random)
        let chains = Int.random(in: 0...min(targets, 6), using: &random)
        templates = []
        protectedBy = []
        if chains > 0 {
            for _ in 0..<targets { protectedBy.append(Int.random(in: 0..<chains, using: &random)) }
        }
        var (spatial, temporal) = (0, 0)
        for _ in 0..<Int.random(in: 1...64, using: &random) {
            var template = Template(
                spatial: spatial,
                temporal: temporal,
                indications: [],
                differences: [],
                chains: []
            )
            for _ in 0..<targets {
                template.indications.append(Int.random(in: 0...3, using: &random))
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                template.differences.append(Int.random(in: 1...16, using: &random))
            }
            for _ in 0..<chains { template.chains.append(Int.random(in: 0...15, using: &random)) }
            templates.append(template)
            switch Int.random(in: 0...3, using: &random) {
            case 0 where temporal < 7: temporal += 1
            case 1 where spatial < 3: (spatial, temporal) = (spatial + 1, 0)
            default: break
            }
        }
        sizes = []
        guard Bool.random(using: &random) else { return }
        for _ in 0...(templates.last?.spatial ?? 0) {
            sizes.append(
                PictureSize(
                    width: UInt16.random(in: 1...65_535, using: &random),
                    height: UInt16.random(in: 1...65_535, using: &random)
                )
            )
        }
    }

    /// A descriptor with nothing but this structure, of a frame of one of the templates.
    func descriptor(template: Int, starts: Bool) -> [UInt8] {
        var bits = BitWriter()
        bits.put(starts ? 1 : 0, 1)
        bits.put(0, 1)
        bits.put((first + template) % 64, 6)
        bits.put(1, 16)
        bits.put(0b10000, 5)

        bits.put(first, 6)
        bits.put(targets - 1, 5)
        for (template, next) in zip(templates, templates.dropFirst()) {
            let isUp = next.spatial > template.spatial
            bits.put(isUp ? 2 : next.temporal > template.temporal ? 1 : 0, 2)
        }
        bits.put(3, 2)
        for template in templates {
            for indication in template.indications { bits.put(indication, 2) }
        }
        for template in templates {
            for difference in template.differences {
                bits.put(1, 1)
                bits.put(difference - 1, 4)
            }
            bits.put(0, 1)
        }
        let chains = templates.first?.chains.count ?? 0
        bits.putNonSymmetric(chains, below: targets + 1)
        if chains > 0 {
            for chain in protectedBy { bits.putNonSymmetric(chain, below: chains) }
            for template in templates {
                for difference in template.chains { bits.put(difference, 4) }
            }
        }
        bits.put(sizes.isEmpty ? 0 : 1, 1)
        for size in sizes {
            bits.put(Int(size.width) - 1, 16)
            bits.put(Int(size.height) - 1, 16)
        }
        return bits.bytes
    }
}
