import Foundation
import Testing

/// Every plan that a search has measured can be written afterwards.
@Suite struct ExportTests {
  private func searched(_ options: String = "--budget 2%") async throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(400).npz(), to: "eval.npz")
    let search = try await workspace.shell(
      "\"$W\" search -m m.onnx \(options) --objective macs --threads 1 -o out")
    #expect(search.status == 0, "\(search.error)")
    return workspace
  }

  private func points(_ workspace: Workspace) throws -> [[String: Any]] {
    try #require(workspace.json(of: "out/pareto.json")["points"] as? [[String: Any]])
  }

  @Test func withoutAPointTheyAreListed() async throws {
    let workspace = try await searched()
    let points = try points(workspace)
    #expect(points.count > 2 && points[0]["loss"] as? Double == 0)
    #expect(points.count { $0["is_result"] as? Bool == true } == 1)
    let losses = points.dropFirst().compactMap { $0["loss"] as? Double }
    #expect(losses == losses.sorted())
    let list = try await workspace.run("export", "out")
    #expect(list.status == 0, "\(list.error)")
    #expect(list.output.contains("exact passes only") && list.output.contains("result"))
    #expect(list.output.split(separator: "\n").count == points.count + 1)
  }

  /// The path of the data was one of another folder's.
  @Test func dataThatWasNamedIsFoundAgain() async throws {
    let workspace = try await searched("--budget 2% --data ./eval.npz")
    let export = try await workspace.run("export", "out", "--point", "1")
    #expect(export.status < 2, "\(export.error)")
  }

  @Test func theResultIsWrittenAgain() async throws {
    let workspace = try await searched()
    let result = try points(workspace).firstIndex { $0["is_result"] as? Bool == true }
    let number = try #require(result)
    let export = try await workspace.run("export", "out", "--point", "\(number)", "--json")
    #expect(export.status == 0, "\(export.error)")
    let written = try workspace.bytes(of: "out/point-\(number).onnx")
    #expect(try written == workspace.bytes(of: "out/optimized.onnx"))
    let told = try #require(JSONSerialization.jsonObject(with: Data(export.output.utf8)) as? [String: Any])
    let report = try workspace.json(of: "out/report.json")
    #expect(told["loss"] as? [String: Double] == report["loss"] as? [String: Double])
    let looks = (report["confirmation"] as? [String: Any])?["looks"] as? [[String: Any]]
    // The same plan on the same samples tells nothing new, and spends nothing.
    #expect(told["error_share"] as? Double == looks?.last?["error_share"] as? Double)
  }

  @Test func eachFurtherLookHasHalfOfWhatIsLeft() async throws {
    let workspace = try await searched()
    var shares: [Double] = []
    let others = try points(workspace).filter {
      $0["is_result"] as? Bool == false && $0["number"] as? Int != 0
    }
    for number in others.prefix(2).compactMap({ $0["number"] as? Int }) {
      let export = try await workspace.run(
        "export", "out", "--point", "\(number)", "-o", "\(number).onnx", "--json")
      #expect(export.status < 2, "\(export.error)")
      let told = try #require(
        JSONSerialization.jsonObject(with: Data(export.output.utf8)) as? [String: Any])
      #expect((told["is_within_budget"] as? Bool == true) == (export.status == 0))
      shares.append(try #require(told["error_share"] as? Double))
      #expect(try !workspace.bytes(of: "\(number).onnx").isEmpty)
    }
    #expect(shares.count == 2 && shares[1] == shares[0] / 2)
  }

  @Test func whatCannotBeWrittenIsTold() async throws {
    let workspace = try await searched()
    let none = try await workspace.run("export", "out", "--point", "99")
    #expect(none.status == 2 && none.error.contains("there is no point 99"))
    let folder = try await workspace.run("export", "nowhere")
    #expect(folder.status == 2 && folder.error.contains("no result of a search"))
    let unclear = try await workspace.run("export", "out", "-o", "x.onnx")
    #expect(unclear.status == 2 && unclear.error.contains("need --point"))
    let over = try await workspace.run("export", "out", "--point", "0", "-o", "m.onnx")
    #expect(over.status == 2 && over.error.contains("is the input itself"), "\(over.error)")
    try workspace.write(Samples(300).npz(), to: "eval.npz")
    let other = try await workspace.run("export", "out", "--point", "0")
    #expect(other.status == 2 && other.error.contains("data's contents"), "\(other.error)")
  }
}
