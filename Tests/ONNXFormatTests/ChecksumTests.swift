import GraphIR
import Kernels
import TensorCore
import Testing

@testable import ONNXFormat

@Suite struct ChecksumTests {
  /// FIPS 180-4's examples, and what lies around the ends of blocks.
  @Test(arguments: [
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    ),
    (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
  ])
  func digestsAreThoseOfTheStandard(text: String, expected: String) {
    for piece in [1 << 20, 64, 63, 7] where text.count < 100 || piece > 60 {
      var hash = SHA1()
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        rest.prefix(piece).withUnsafeBytes { hash.add($0) }
        rest = rest.dropFirst(piece)
      }
      #expect(hash.hexadecimalDigest == expected)
    }
  }

  /// The SHA-1 of the bytes 1, 2, 3, 4.
  private static let digest = "12dada1fff4d4787ade3333147202c3b443e376f"

  private func folder(checksum: String?) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3, 4], to: "w.bin")
    let bytes = modelBytes { writer in
      writer.int(TensorField.dimensions, 1)
      writer.int(TensorField.elementType, 1)
      writer.string(TensorField.name, "w")
      var entries = [("location", "w.bin"), ("offset", "0"), ("length", "4")]
      if let checksum { entries.append(("checksum", checksum)) }
      for (key, value) in entries {
        let entry = writer.begin(TensorField.externalData)
        writer.string(MetadataField.key, key)
        writer.string(MetadataField.value, value)
        writer.end(entry)
      }
      writer.int(TensorField.dataLocation, 1)
    }
    try folder.write(bytes, to: "m.onnx")
    return folder
  }

  @Test func aChecksumIsVerifiedOnRequest() throws {
    let folder = try folder(checksum: Self.digest.uppercased())
    let files = try ONNXFormat.verifyExternalData(of: folder.file("m.onnx"))
    #expect(files == [ExternalDataFile(location: "w.bin", byteCount: 4, isVerified: true)])
    try folder.write([1, 2, 3, 5], to: "w.bin")
    _ = try ONNXFormat.read(folder.file("m.onnx"))
    let message = messageOfError { _ = try ONNXFormat.verifyExternalData(of: folder.file("m.onnx")) }
    #expect(message.contains("tensor w: external data w.bin has the checksum "), "\(message)")
  }

  @Test func dataWithoutAChecksumIsSaidToBeUnverified() throws {
    let folder = try folder(checksum: nil)
    let files = try ONNXFormat.verifyExternalData(of: folder.file("m.onnx"))
    #expect(files == [ExternalDataFile(location: "w.bin", byteCount: 4, isVerified: false)])
  }

  /// In another file the bytes before and after are others.
  @Test func aChecksumStaysWithItsFile() throws {
    let folder = try folder(checksum: Self.digest)
    let model = try ONNXFormat.read(folder.file("m.onnx"))
    #expect(model.graph.initializers[0].externalNotes == [MetadataEntry(key: "checksum", value: Self.digest)])
    let place = ExternalLocation(path: "w.bin", offset: 0, byteCount: 4, isOriginal: true)
    for isOriginal in [true, false] {
      var encoder = ModelEncoder(placement: EmbeddedPlacement())
      var location = place
      location.isOriginal = isOriginal
      encoder.encode(model.graph.initializers[0], at: location)
      let hasDigest = encoder.writer.joined().contains(Array(Self.digest.utf8))
      #expect(hasDigest == isOriginal)
    }
  }
}
