import Basics
import Media
import Testing

@Suite struct `An AV1 dependency descriptor` {
    @Test func `of three bytes says where a frame begins and ends`() throws {
        var structure = AV1TemplateStructure()
        let bytes: [UInt8] = [0xC5, 0x12, 0x34]
        let descriptor = try #require(read(bytes, &structure))
        #expect(descriptor.startsFrame && descriptor.endsFrame && !descriptor.hasStructure)
        #expect(descriptor.frameNumber == 0x1234)
        #expect(descriptor.frame == nil, "its template was never told")
        #expect(structure.templateCount == 0)
    }

    /// Three temporal layers as browsers send them, with a chain and a size.
    @Test func `brings a structure that explains those after it`() throws {
        var structure = AV1TemplateStructure()
        let first = StructureModel.threeTemporal.descriptor(template: 0, starts: true)
        let key = try #require(read(first, &structure))
        let frame = try #require(key.frame)
        #expect(key.hasStructure && frame.isIndependent && frame.temporalLayer == 0)
        #expect(structure.templateCount == 5 && structure.targetCount == 3)
        #expect((0..<3).map { structure.layers(ofTarget: $0).temporal } == [2, 1, 0])
        #expect(structure.size(ofLayer: 0) == PictureSize(width: 640, height: 360))

        let expected: [(template: UInt8, layer: UInt8, isSwitch: Bool, last: Indication)] = [
            (1, 0, true, .switching), (2, 1, true, .notPresent), (3, 2, false, .notPresent),
            (4, 2, true, .notPresent),
        ]
        for (template, layer, isSwitch, last) in expected {
            let bytes: [UInt8] = [0x80 | (5 + template), 0, 1]
            let descriptor = try #require(read(bytes, &structure))
            let frame = try #require(descriptor.frame)
            #expect(frame.temporalLayer == layer && frame.spatialLayer == 0)
            #expect(frame.isSwitchUpPoint == isSwitch, "template \(template)")
            #expect(frame.indication(2) == last)
            #expect(!frame.isIndependent)
        }
    }

    private typealias Indication = AV1DependencyDescriptor.Indication

    @Test func `may say itself what a template does not`() throws {
        var structure = AV1TemplateStructure()
        let model = StructureModel.threeTemporal
        let key = model.descriptor(template: 0, starts: true)
        _ = try #require(read(key, &structure))

        var bits = BitWriter()
        bits.put(0b01, 2)
        bits.put(5 + 3, 6)
        bits.put(7, 16)
        bits.put(0b01111, 5)
        bits.put(0b011, 3)
        for indication in [2, 1, 0] { bits.put(indication, 2) }
        bits.put(2, 2)
        bits.put(0x7F, 8)
        bits.put(0, 2)
        bits.put(9, 8)
        let bytes = bits.bytes
        let descriptor = try #require(read(bytes, &structure))
        #expect(descriptor.activeTargets == 0b011)
        let frame = try #require(descriptor.frame)
        #expect((0..<3).map { frame.indication($0) } == [.switching, .discardable, .notPresent])
        #expect(frame.isSwitchUpPoint && !frame.isIndependent)
        for count in 4..<bytes.count {
            var structure = structure
            let part = Array(bytes.prefix(count))
            #expect(read(part, &structure) == nil, "\(count) bytes")
        }
    }

    /// Structures of every shape, told and then used.
    @Test(arguments: UInt64(0)..<100)
    func `is understood whatever the structure`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let model = StructureModel(using: &random)
        var structure = AV1TemplateStructure()
        let template = Int.random(in: model.templates.indices, using: &random)
        let bytes = model.descriptor(template: template, starts: true)
        let first = try #require(read(bytes, &structure))
        #expect(first.hasStructure && structure.templateCount == model.templates.count)
        for target in 0..<model.targets {
            let layers = structure.layers(ofTarget: target)
            let of = model.templates.filter { $0.indications[target] != 0 }
            #expect(Int(layers.spatial) == of.map(\.spatial).max() ?? 0)
            #expect(Int(layers.temporal) == of.map(\.temporal).max() ?? 0)
        }
        for layer in 0..<8 {
            let size = layer < model.sizes.count ? model.sizes[layer] : nil
            #expect(structure.size(ofLayer: UInt8(layer)) == size)
        }
        for (index, template) in model.templates.enumerated() {
            let id = UInt8((model.first + index) % 64)
            let bytes: [UInt8] = [id, 0, 0]
            let descriptor = try #require(read(bytes, &structure))
            let frame = try #require(descriptor.frame)
            #expect(Int(frame.spatialLayer) == template.spatial)
            #expect(Int(frame.temporalLayer) == template.temporal)
            #expect(frame.isIndependent == template.differences.isEmpty)
            let indications = (0..<model.targets).map { Int(frame.indication($0).rawValue) }
            #expect(indications == template.indications)
        }
        if model.templates.count < 64 {
            let id = UInt8((model.first + model.templates.count) % 64)
            let bytes: [UInt8] = [id, 0, 0]
            let descriptor = try #require(read(bytes, &structure))
            #expect(descriptor.frame == nil, "of no template")
        }
    }

    @Test(arguments: UInt64(0)..<30)
    func `cut short changes nothing that was known`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var structure = AV1TemplateStructure()
        let known = StructureModel.threeTemporal.descriptor(template: 0, starts: true)
        _ = try #require(read(known, &structure))
        let bytes = StructureModel(using: &random).descriptor(template: 0, starts: true)
        for count in 4..<bytes.count {
            #expect(read(Array(bytes.prefix(count)), &structure) == nil)
            #expect(structure.templateCount == 5 && structure.targetCount == 3)
        }
    }

    @Test func `with more layers or templates than there can be is none`() throws {
        for (step, most) in [(0, 64), (1, 8), (2, 4)] {
            for count in [most, most + 1] {
                var bits = BitWriter()
                for (value, width) in [(0x80, 8), (0, 16), (0b10000, 5), (0, 6), (0, 5)] {
                    bits.put(value, width)
                }
                for _ in 1..<count { bits.put(step, 2) }
                bits.put(3, 2)
                for _ in 0..<count { bits.put(0, 2) }
                for _ in 0..<count { bits.put(0, 1) }
                bits.putNonSymmetric(0, below: 2)
                bits.put(0, 1)
                let bytes = bits.bytes
                var structure = AV1TemplateStructure()
                let descriptor = read(bytes, &structure)
                #expect((descriptor != nil) == (count == most), "\(count) by \(step)")
            }
        }
    }

    @Test func `takes another frame's number`() throws {
        var bytes: [UInt8] = [0xC5, 0x12, 0x34, 0x77]
        unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe AV1DependencyDescriptor.setFrameNumber(0xABCD, in: start)
        }
        #expect(bytes == [0xC5, 0xAB, 0xCD, 0x77])
    }

    private func read(
        _ bytes: [UInt8],
        _ structure: inout AV1TemplateStructure
    ) -> AV1DependencyDescriptor? {
        AV1DependencyDescriptor(bytes.span, &structure)
    }
}
