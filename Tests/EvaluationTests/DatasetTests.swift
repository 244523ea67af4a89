import EvaluationTestKit
import Foundation
import GraphIR
import TensorCore
import Testing

@testable import Evaluation

@Suite struct DatasetTests {
  private func dataset(_ columns: [(String, Tensor)], labels: Tensor? = nil) throws -> Dataset {
    try Dataset(source: "d.npz", columns: columns.map { Dataset.Column($0.0, $0.1) }, labels: labels)
  }

  private func pixels(_ sizes: [Int]) throws -> Tensor {
    let count = sizes.reduce(1, *)
    return try Tensor(.uint8, elements: (0..<count).map { UInt8($0 % 256) }, sizes)
  }

  @Test func gathersRowsInAnyOrderAndCasts() throws {
    let dataset = try dataset([("x", pixels([3, 2]))])
    let binding = try dataset.binding(to: [ValueSignature("x", .float32, ["N", 2])])
    let batch = try binding.batch([2, 0, 2])
    #expect(batch["x"]?.elementType == .float32 && batch["x"]?.dimensions == [3, 2])
    #expect(try batch["x"]?.doubles() == [4, 5, 0, 1, 4, 5])
  }

  @Test(arguments: [
    ElementType.uint8, .int8, .uint16, .int16, .int32, .uint32, .int64, .float16, .float64, .bfloat16, .bool,
  ])
  func everyNumberCastsToFloats(_ type: ElementType) throws {
    let tensor = try Tensor(type, rounding: [0, 1, 1, 0], [4])
    for target in [ElementType.float32, .float64, .float16] {
      let binding = try dataset([("x", tensor)]).binding(to: [ValueSignature("x", target, ["N"])])
      let x = try #require(try binding.batch([3, 1])["x"])
      #expect(try x.elementType == target && x.doubles() == [0, 1])
    }
  }

  @Test func countsMustAgree() throws {
    let error = #expect(throws: DatasetError.self) {
      try dataset([("x", pixels([3, 2])), ("z", pixels([4]))])
    }
    #expect(error?.description == "d.npz: array 'z': has 4 samples, 'x' has 3")
    #expect(throws: DatasetError.self) { try dataset([("x", pixels([3]))], labels: pixels([2])) }
    #expect(throws: DatasetError.self) { try dataset([("x", pixels([0, 2]))]) }
    #expect(throws: DatasetError.self) { try dataset([("x", pixels([]))]) }
  }

  @Test func namesAMissingInput() throws {
    let error = #expect(throws: DatasetError.self) {
      try dataset([("image", pixels([3, 2]))]).binding(to: [ValueSignature("x", .float32, ["N", 2])])
    }
    #expect(
      error?.description == "d.npz: has no array for the model's input 'x'; its arrays are 'image'")
  }

  @Test func namesTheShapeThatDoesNotFit() throws {
    let error = #expect(throws: DatasetError.self) {
      try dataset([("x", pixels([3, 28, 28]))])
        .binding(to: [ValueSignature("x", .float32, ["N", 1, 28, 28])])
    }
    #expect(
      error?.description
        == "d.npz: array 'x': has the shape [3, 28, 28], the model's input takes float[N,1,28,28]")
  }

  @Test(arguments: [
    (ElementType.float32, ElementType.int64, false), (.float32, .uint8, false), (.int64, .int32, true),
    (.string, .float32, false), (.float64, .float32, true), (.uint8, .bool, false),
  ])
  func refusesCastsThatCouldChangeValues(_ from: ElementType, _ to: ElementType, _ isAllowed: Bool) throws {
    let tensor = try from == .string ? Tensor(strings: ["a"]) : Tensor(from, rounding: [7], [1])
    let dataset = try dataset([("x", tensor)])
    let inputs = [ValueSignature("x", to, ["N"])]
    if isAllowed {
      _ = try dataset.binding(to: inputs)
    } else {
      #expect(throws: DatasetError.self) { try dataset.binding(to: inputs) }
    }
  }

  @Test func narrowingIntegersMustKeepTheirValues() throws {
    let dataset = try dataset([("x", Tensor(int64: [1, 1 << 40]))])
    #expect(throws: DatasetError.self) { try dataset.binding(to: [ValueSignature("x", .int32, ["N"])]) }
  }

  @Test func knowsHowManySamplesTheModelTakes() throws {
    let dataset = try dataset([("x", pixels([10, 2]))])
    func batching(_ shape: Shape?) throws -> DatasetBinding.Batching {
      try dataset.binding(to: [ValueSignature("x", .float32, shape)]).batching
    }
    #expect(try batching(["N", 2]) == .flexible)
    #expect(try batching([.unknown, 2]) == .flexible)
    #expect(try batching(nil) == .flexible)
    #expect(try batching([8, 2]) == .fixed(8))
    #expect(try batching([2]) == .single)
    #expect(throws: DatasetError.self) { try batching([0, 2]) }
  }

  @Test func oneSampleAtATimeHasNoSampleAxis() throws {
    let binding = try dataset([("x", pixels([10, 2]))]).binding(to: [ValueSignature("x", .float32, [2])])
    #expect(try binding.batch([4])["x"]?.dimensions == [2])
  }

  @Test func arraysWithoutAnInputAreNamed() throws {
    let dataset = try dataset([("x", pixels([2])), ("weights", pixels([2]))])
    #expect(try dataset.binding(to: [ValueSignature("x", .float32, ["N"])]).ignored == ["weights"])
  }

  @Test func theFingerprintFollowsTheContents() throws {
    let a = try dataset([("x", pixels([4]))])
    let b = try dataset([("x", pixels([2, 2]))])
    #expect(a.fingerprint.count == 16)
    #expect(try a.fingerprint == dataset([("x", pixels([4]))]).fingerprint)
    #expect(a.fingerprint != b.fingerprint)
  }

  @Test func findsTheModelsOwnDataFirst() throws {
    try withTemporaryFile([], "eval.npz") { path in
      let folder = URL(filePath: path).deletingLastPathComponent()
      let model = folder.appending(path: "m.onnx").path
      #expect(Dataset.find(.evaluation, besideModel: model) == path)
      #expect(Dataset.find(.calibration, besideModel: model) == nil)
      let own = folder.appending(path: "m.eval.npz")
      try Data().write(to: own)
      #expect(Dataset.find(.evaluation, besideModel: model) == own.path)
    }
  }
}

@Suite struct SplitTests {
  @Test func classesAreDividedInProportion() throws {
    let labels = try Tensor(int64: (0..<100).map { $0 < 90 ? 0 : 1 })
    let x = try Tensor(int64: Array(0..<100))
    let dataset = try Dataset(source: "d", columns: [.init("x", x)], labels: labels)
    let split = dataset.split(holdingBack: 0.5, seed: 1)
    #expect(split.search.count == 50 && Set(split.search + split.holdout) == Set(0..<100))
    #expect(split.holdout.count { $0 >= 90 } == 5)
    #expect(split == dataset.split(holdingBack: 0.5, seed: 1))
    #expect(split != dataset.split(holdingBack: 0.5, seed: 2))
  }

  @Test(arguments: [0.0, 1, -3, 7])
  func bothPartsHaveASample(_ fraction: Double) throws {
    let dataset = try Dataset(source: "d", columns: [.init("x", Tensor(int64: [1, 2]))])
    let split = dataset.split(holdingBack: fraction, seed: 1)
    #expect(split.search.count == 1 && split.holdout.count == 1)
  }
}

@Suite struct SyntheticInputsTests {
  private let inputs = [
    ValueSignature("x", .float32, ["N", 3]), ValueSignature("ids", .int64, ["N", "T"]),
    ValueSignature("attention_mask", .int64, ["N", "T"]), ValueSignature("flag", .bool, ["N"]),
  ]

  @Test func followTypesAndShapes() throws {
    var synthetic = SyntheticInputs(seed: 1, samples: 100)
    synthetic.sizes["T"] = 5
    synthetic.ranges["x"] = 0...255
    let dataset = try synthetic.dataset(for: inputs)
    #expect(dataset.columns.map(\.values.dimensions) == [[100, 3], [100, 5], [100, 5], [100]])
    #expect(try #require(dataset["x"]).doubles().allSatisfy { (0...255).contains($0) })
    #expect(try Set(#require(dataset["ids"]).integers()) == Set(0..<10))
    #expect(try Set(#require(dataset["attention_mask"]).integers()) == [0, 1])
    #expect(try Set(#require(dataset["flag"]).integers()) == [0, 1])
  }

  @Test func indicesStayWithinTheirTable() throws {
    let text = """
      <ir_version: 8, opset_import: ["" : 17], metadata_props: ["Image.NominalPixelRange": "Normalized_0_1"]>
      g (int64[N,T] ids, float[N,1,2,2] image) => (float[N,T,2] y, float[N,1,2,2] z)
      <float[3,2] table = {1, 2, 3, 4, 5, 6}>
      { i = Cast<to = 6>(ids) y = Gather(table, i) z = Relu(image) }
      """
    let model = try Model(NamedModel(parsing: text))
    #expect(model.inputSignatures.map(\.name) == ["ids", "image"])
    let dataset = try SyntheticInputs(seed: 1, samples: 50, model: model).dataset(for: model)
    #expect(try Set(#require(dataset["ids"]).integers()) == [0, 1, 2])
    #expect(try #require(dataset["image"]).doubles().allSatisfy { (0...1).contains($0) })
  }

  @Test func theSeedDecidesEverything() throws {
    func fingerprint(_ seed: UInt64) throws -> String {
      try SyntheticInputs(seed: seed, samples: 4).dataset(for: inputs).fingerprint
    }
    #expect(try fingerprint(1) == fingerprint(1))
    #expect(try fingerprint(1) != fingerprint(2))
  }

  @Test func normalNumbersAreNormal() {
    var random = RandomSource(seed: 3)
    let values = random.normals(10_000)
    let mean = values.reduce(0, +) / 10_000
    let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 10_000
    #expect(values.count == 10_000 && abs(mean) < 0.05 && abs(variance - 1) < 0.05)
  }
}
