import Foundation
import Testing

/// Models that want much memory, or a number of samples of their own.
@Suite struct BoundsTests {
  private func report(_ model: TestModel, samples: Int, _ arguments: String...) async throws -> [String: Any]
  {
    let workspace = try Workspace()
    try workspace.write(model, to: "m.onnx")
    try workspace.write(Samples(samples).npz(), to: "eval.npz")
    let result = try await workspace.run(
      ["search", "--threads", "1", "--objective", "macs", "-m", "m.onnx", "-o", "out"] + arguments)
    #expect(result.status == 0, "\(result.error)")
    return try workspace.json(of: "out/report.json")
  }

  private func failures(_ report: [String: Any]) throws -> [String] {
    try #require(report["regions"] as? [[String: Any]]).compactMap { $0["failure"] as? String }
  }

  #if os(Linux)
    /// Without `Clip`, a tensor of 4 GB is made.
    private static let hungry = TestModel(
      "hungry",
      """
      hungry (float[N,4] x) => (float[N,3] scores)
      <float many = {1e9}, float low = {1}, float high = {4}, int64[1] single = {1},
       float[4,3] head = {1,0,0, 0,1,0, 0,0,1, 0.5,-0.5,0.5}>
      {
        a = Abs (x)
        m = ReduceMax <keepdims = 0> (a)
        wanted = Mul (m, many)
        given = Clip (wanted, low, high)
        c = Cast <to = 7> (given)
        n = Reshape (c, single)
        zeros = ConstantOfShape (n)
        zero = ReduceSum (zeros)
        t = Tanh (x)
        u = Add (x, t)
        v = Add (u, zero)
        scores = MatMul (v, head)
      }
      """)

    @Test func aTrialThatNeedsTooMuchMemoryIsLost() async throws {
      let failures = try failures(await report(Self.hungry, samples: 64, "--memory", "1GB"))
      #expect(failures.contains { $0.contains("out of memory: a worker may take 715 MiB") }, "\(failures)")
    }
  #endif

  /// A linear head with something behind it, for exactly so many samples at a time.
  private static func fixed(_ batch: Int) -> TestModel {
    TestModel(
      "batch \(batch)",
      text: TestModel.residual.text.replacing("float[N", with: "float[\(batch)")
        .replacing("scores = MatMul (u, head)", with: "s2 = MatMul (u, head)\n  scores = Softmax (s2)"))
  }

  @Test(arguments: [1, 8])
  func aBatchOfFixedSizeIsFilledUp(_ size: Int) async throws {
    let report = try await report(Self.fixed(size), samples: 203)
    #expect(try failures(report).isEmpty)
    #expect((report["applied"] as? [Any])?.isEmpty == false)
  }

  /// What is read inside a model has names besides those that the model declares.
  @Test(arguments: ["features", "activations", "tap_0", "statistic_0"])
  func inputsMayHaveAnyName(_ name: String) async throws {
    let workspace = try Workspace()
    try workspace.write(
      TestModel("named", text: TestModel.residual.text.replacing(/\bx\b/, with: name)), to: "m.onnx")
    try workspace.write(Samples(64).npz(inputName: name), to: "eval.npz")
    let result = try await workspace.search("-m", "m.onnx", "-o", "out")
    #expect(result.status == 0, "\(result.error)")
    #expect(try failures(workspace.json(of: "out/report.json")).isEmpty)
  }

  @Test(arguments: ["12", "-1GB", "1GX", "1e9999", "GB", "100MB"])
  func sizesThatAreNone(_ size: String) async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.search("-m", "m.onnx", "--memory=\(size)")
    #expect(result.status == 2 && !result.wasKilled && result.error.contains("--memory"), "\(result.error)")
  }
}
