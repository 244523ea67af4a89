import Foundation
import TensorCore
import Testing

@Suite struct TensorIdentityTests {
  private func tensor(_ count: Int, changing index: Int? = nil) throws -> Tensor {
    var values = (0..<count).map(Float.init)
    if let index { values[index] = -1 }
    return try Tensor(float32: values)
  }

  @Test func samplesDoNotDecideIdentity() throws {
    let count = 1 << 20
    let original = try tensor(count)
    let altered = try tensor(count, changing: count / 2 + 1000)
    #expect(altered.sampledHash == original.sampledHash, "the change lies between samples")
    #expect(altered.contentHash != original.contentHash)
    #expect(!altered.isIdentical(to: original))
    #expect(try tensor(count).isIdentical(to: original))
  }

  @Test(arguments: [0, (1 << 20) - 1]) func bothEndsAreSampled(index: Int) throws {
    #expect(try tensor(1 << 20, changing: index).sampledHash != tensor(1 << 20).sampledHash)
  }

  @Test(arguments: [0, 1, 1024, 1025, 1040]) func sizesAroundTheSmallestThatIsSampled(count: Int) throws {
    #expect(try tensor(count).sampledHash == tensor(count).sampledHash)
  }

  @Test func mappedAndOwnedBytesHashAlike() throws {
    let original = try tensor(100_000)
    let path = NSTemporaryDirectory() + "identity-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try AtomicFile(path: path, overwriting: false)
    try file.write([7])
    try original.withUnsafeBytes { try file.write($0) }
    try file.commit()
    let storage = try #require(
      TensorStorage(try MappedFile(path: path), range: 1..<1 + original.byteCount))
    let mapped = try Tensor(.float32, [100_000], storage: storage)
    #expect(mapped.sampledHash == original.sampledHash)
    #expect(mapped.isIdentical(to: original))
    #expect(mapped.isIdentical(to: try mapped.reshaped(to: [100_000])))
  }

  @Test(arguments: [0, 1, 1 << 20, (1 << 20) + 1]) func newMemoryStartsAsZeros(byteCount: Int) throws {
    let storage = TensorStorage(byteCount: byteCount) { _ in }
    #expect(storage.byteCount == byteCount)
    storage.withUnsafeBytes { bytes in #expect(bytes.allSatisfy { $0 == 0 }) }
  }
}
