import EvaluationTestKit
import Foundation
import TensorCore
import Testing

@testable import Evaluation

@Suite struct NumpyTests {
  private func array(_ npy: [UInt8], deflated: Bool = false) throws -> Tensor {
    try withTemporaryFile(NumpyFiles.npz([.init(name: "x", contents: npy, isDeflated: deflated)])) {
      try #require(try Dataset.load($0)["x"])
    }
  }

  @Test(arguments: [false, true])
  func readsNumbers(_ deflated: Bool) throws {
    let npy = NumpyFiles.npy("<f4", "(2, 3)", [1, 2, 3, 4, 5, 6] as [Float])
    let tensor = try array(npy, deflated: deflated)
    #expect(tensor.elementType == .float32 && tensor.dimensions == [2, 3])
    #expect(try tensor.doubles() == [1, 2, 3, 4, 5, 6])
  }

  @Test(arguments: [
    ("|b1", ElementType.bool, 1), ("|i1", .int8, 1), ("|u1", .uint8, 1), ("<i2", .int16, 2),
    ("<u2", .uint16, 2), ("<f2", .float16, 2), ("<i4", .int32, 4), ("<u4", .uint32, 4), ("<i8", .int64, 8),
    ("<u8", .uint64, 8), ("<f8", .float64, 8), ("<c8", .complex64, 8), ("<c16", .complex128, 16),
  ])
  func knowsTheType(_ descr: String, _ type: ElementType, _ size: Int) throws {
    let tensor = try array(NumpyFiles.npy(descr, "(3,)", bytes: [UInt8](repeating: 0, count: 3 * size)))
    #expect(tensor.elementType == type)
  }

  @Test func bigEndianIsSwapped() throws {
    let tensor = try array(NumpyFiles.npy(">i2", "(2,)", bytes: [1, 2, 0xFF, 0xFE]))
    #expect(try tensor.doubles() == [258, -2])
  }

  @Test func columnMajorIsTransposed() throws {
    let npy = NumpyFiles.npy("<i4", "(2, 3)", [1, 4, 2, 5, 3, 6] as [Int32], fortran: "True")
    #expect(try array(npy).doubles() == [1, 2, 3, 4, 5, 6])
  }

  @Test func textLosesItsPadding() throws {
    let unicode: [UInt32] = [0x67, 0xF6, 0, 0x1F600, 0, 0]
    #expect(try array(NumpyFiles.npy("<U3", "(2,)", unicode)).storage.strings == ["gö", "😀"])
    let bytes = NumpyFiles.npy("|S2", "(3,)", bytes: [0x61, 0x62, 0x63, 0, 0, 0])
    #expect(try array(bytes).storage.strings == ["ab", "c", ""])
  }

  @Test(arguments: [UInt8(1), 2, 3])
  func readsAllVersions(_ version: UInt8) throws {
    let npy = NumpyFiles.npy("|u1", "(2,)", bytes: [7, 8], version: version)
    #expect(try array(npy).doubles() == [7, 8])
  }

  @Test func aLoneArrayHasNoName() throws {
    try withTemporaryFile(NumpyFiles.npy("|u1", "(2,)", bytes: [7, 8]), "x.npy") { path in
      let dataset = try Dataset.load(path)
      #expect(dataset.columns.map(\.name) == [""] && dataset.count == 2)
    }
  }

  @Test(arguments: [
    ("|O", "(1,)", "holds Python objects"), ("<V2", "(1,)", "has the type '<V2'"),
    ("<f4", "(4,)", "shorter or longer"), ("<f4", "(1,)", "shorter or longer"),
    ("<f4", "(9999999999, 9999999999)", "is no shape"), ("<f4", "(-1,)", "malformed"),
    ("<f4", "(1", "malformed"), ("|S0", "(999999999999,)", "too large"),
  ])
  func refusesByName(_ descr: String, _ shape: String, _ reason: String) throws {
    let npy = NumpyFiles.npy(descr, shape, [1, 2] as [Float])
    for deflated in [false, true] {
      let error = #expect(throws: DatasetError.self) { try array(npy, deflated: deflated) }
      #expect(error?.description.contains(reason) == true, "\(error as Any)")
      #expect(error?.description.contains("data.npz: array 'x': ") == true)
    }
  }

  @Test func refusesADamagedEntry() throws {
    let npy = NumpyFiles.npy("|u1", "(2,)", bytes: [7, 8])
    for deflated in [false, true] {
      let entry = NumpyFiles.Entry(name: "x", contents: npy, isDeflated: deflated, checksum: 1)
      try withTemporaryFile(NumpyFiles.npz([entry])) { path in
        let error = #expect(throws: DatasetError.self) { try Dataset.load(path) }
        #expect(error?.message.contains("checksum is wrong") == true)
      }
    }
  }

  @Test func refusesASizeThatDeflateCannotReach() throws {
    let entry = NumpyFiles.Entry(name: "x", contents: [1, 2, 3], isDeflated: true, declaredSize: 0x7FFF_FFFF)
    try withTemporaryFile(NumpyFiles.npz([entry])) { path in
      let error = #expect(throws: DatasetError.self) { try Dataset.load(path) }
      #expect(error?.message.contains("cannot hold") == true)
    }
  }

  /// Every cut and every changed byte ends in an error or in a data set, never in a trap.
  @Test func survivesDamage() throws {
    let npy = NumpyFiles.npy("<f4", "(2,)", [1, 2] as [Float])
    let whole = NumpyFiles.npz([
      .init(name: "x", contents: npy), .init(name: "z", contents: npy, isDeflated: true),
    ])
    var random = RandomSource(seed: 7)
    try withTemporaryFile(whole) { path in
      #expect(try Dataset.load(path).columns.count == 2)
      for length in stride(from: 0, to: whole.count, by: 7) {
        try Data(whole[..<length]).write(to: URL(filePath: path))
        #expect(throws: (any Error).self) { try Dataset.load(path) }
      }
      for _ in 0..<300 {
        var damaged = whole
        damaged[Int.random(in: 0..<whole.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        try Data(damaged).write(to: URL(filePath: path))
        _ = try? Dataset.load(path)
      }
    }
  }
}
