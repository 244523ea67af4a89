import Foundation
import GraphIR
import Rendering
import TensorCore

@testable import Reporting

/// A page about a small model, in which `text` stands wherever a model or a command can say something.
struct PageFixture {
  let text: String
  var isFailed = false

  /// Of the nodes: `text` and where they are.
  static let names = ["/stem/Conv", "/block/Conv", "/block/Relu", "/block/Add", "/head/Gemm"]

  func html() throws -> String {
    let (before, after) = try models()
    let pictures = ModelRenderer().comparison(of: before, and: after)
    let graphs = try [
      ("What changed", pictures.diff), ("Before", pictures.before), ("After", pictures.after),
    ]
    .map { try DrawnGraph(title: $0.0, file: "\($0.0).svg", picture: $0.1) }
    return SearchPage.html(
      report, plans: try plans(), graphs: graphs, names: NodeNames(of: [before, after]))
  }

  /// A page with a picture that draws blocks once.
  func html(ofRepeatedBlocks count: Int) throws -> String {
    var graph = NamedGraph(name: "blocks")
    graph.inputs = [NamedValue("x", AnnotatedType(.tensor(.float32, ["N", 4])))]
    var last = "x"
    for name in (0..<count).flatMap({ block in ["Exp", "Tanh", "Abs"].map { "/body.\(block)/\($0)" } }) {
      let op = String(name.split(separator: "/")[1])
      graph.nodes.append(NamedNode(OperatorName(op), name: name, inputs: [last], outputs: [name]))
      last = name
    }
    graph.outputs = [NamedValue(last, nil)]
    let header = ModelHeader(irVersion: 10, opsetImports: [OpsetImport(domain: "", version: 21)])
    let model = try Model(NamedModel(header: header, graph: graph))
    let drawn = try DrawnGraph(title: "After", file: "after.svg", picture: ModelRenderer().picture(of: model))
    return SearchPage.html(report, plans: try plans(), graphs: [drawn], names: NodeNames(of: [model]))
  }

  func models() throws -> (before: Model, after: Model) {
    var graph = NamedGraph(name: text)
    let x = "x" + text
    graph.inputs = [NamedValue(x, AnnotatedType(.tensor(.float32, ["N", 4])))]
    let operators = ["Neg", "Abs", "Relu", "Add", "Sigmoid"]
    var last = x
    for (index, name) in Self.names.enumerated() {
      let inputs = operators[index] == "Add" ? [last, "v0" + text] : [last]
      last = index == 4 ? "y" + text : "v\(index)\(text)"
      graph.nodes.append(
        NamedNode(
          OperatorName(operators[index]), name: name + text, inputs: inputs, outputs: [last],
          attributes: index == 2 ? [NamedAttribute("note", .string(ByteString(text)))] : []))
    }
    graph.outputs = [NamedValue(last, nil)]
    let header = ModelHeader(irVersion: 10, opsetImports: [OpsetImport(domain: "", version: 21)])
    let before = try Model(NamedModel(header: header, graph: graph))
    var after = before
    let nodes = after.nodes(of: after.mainGraph)
    try after.edit(as: "ablation: \(text)") { rewriter in
      try rewriter.replaceAllUses(
        of: rewriter.model.outputs(of: nodes[3])[0], with: rewriter.model.outputs(of: nodes[0])[0])
      rewriter.eraseIfDead(nodes[3])
    }
    return (before: before, after: after)
  }

  private func label(_ index: Int, _ op: String) -> String { "'\(Self.names[index])\(text)' (\(op))" }

  var report: SearchReport {
    let estimate = SearchReport.Estimate(value: 0.004, lower: -0.001, upper: 0.009)
    let latency = SearchReport.Latency(
      medianMilliseconds: 2, ratio: estimate, threads: 2, batch: 32, pairs: 10)
    let variant = SearchReport.Variant(
      metric: 0.9, searchMetric: 0.91, nodes: 5, parameters: 0, bytes: 100, macs: 20, latency: latency)
    let look = SearchReport.Look(
      steps: 1, samples: 200, errorShare: 0.5, isAccepted: !isFailed, loss: 0.004, upperBound: 0.009,
      probability: 0.1, certainty: 0.9)
    return SearchReport(
      model: "folder/\(text)/m.onnx", budget: .init(limit: 0.01, kind: "absolute", confidence: nil),
      metric: .init(name: "accuracy \(text)", output: text, higherIsBetter: true),
      data: .init(evaluation: text, calibration: text, isSynthetic: true),
      samples: .init(search: 200, holdout: 200, calibration: 50), baseline: variant, result: variant,
      loss: estimate, isWithinBudget: !isFailed,
      confirmation: .init(method: "exact", certainty: 0.9, looks: [look], possibleLooks: 3),
      planFailed: isFailed, exactPasses: [.init(name: text, applications: 2)], exactNodes: 5,
      applied: isFailed ? [] : [step], regions: regions, evaluations: 3.5,
      evaluationParts: [.init(stage: text, passes: 1)], wallSeconds: 1, runtimeSeconds: 0.5, runtime: text,
      seed: 0, threads: 2, wasInterrupted: false, notes: [text, text])
  }

  private var step: SearchReport.Applied {
    .init(
      strategy: "ablation", kind: "branch", title: "block \(text)",
      nodes: [label(1, "Abs"), label(2, "Relu"), label(3, "Add")], metricChange: -0.004,
      gain: .init(nodes: 3, parameters: 9, bytes: 36, macs: 12))
  }

  private var regions: [SearchReport.ScoredRegion] {
    func region(_ title: String, _ nodes: [String], _ change: Double?, macs: Int, failure: String? = nil)
      -> SearchReport.ScoredRegion
    {
      .init(
        strategy: "ablation", kind: "layer", title: title, nodes: nodes, samples: 192, metricChange: change,
        metricChangeBare: change, distortion: 0.02, gain: .init(nodes: 1, macs: macs), failure: failure)
    }
    return [
      region("block \(text)", [label(1, "Abs"), label(2, "Relu"), label(3, "Add")], -0.003, macs: 12),
      region("stem \(text)", [label(0, "Neg")], -0.2, macs: 100),
      region("head \(text)", [label(4, "Sigmoid")], -0.1, macs: 9),
      region("lost \(text)", [label(2, "Relu")], nil, macs: 5, failure: text),
    ]
  }

  func plans() throws -> ParetoReport {
    func point(_ number: Int, loss: Double, bytes: Int, isResult: Bool) -> [String: Any] {
      let steps = (0..<number).map { ["strategy": "ablation", "title": "\($0) \(text)"] }
      return [
        "number": number, "steps": steps, "loss": loss, "standard_error": 0.001, "samples": 200,
        "cost": ["bytes": bytes, "macs": bytes, "memory": bytes], "share": Double(bytes) / 100,
        "is_within_budget": number < 3, "is_on_front": number < 2, "is_result": isResult, "is_kept": true,
      ]
    }
    let points = [
      point(0, loss: 0, bytes: 100, isResult: false), point(1, loss: 0.004, bytes: 64, isResult: true),
      point(2, loss: 0.006, bytes: 70, isResult: false), point(3, loss: 0.015, bytes: 9, isResult: false),
    ]
    let json: [String: Any] = [
      "model": text, "metric": ["name": text, "output": text, "higher_is_better": true], "objective": "bytes",
      "budget": ["limit": 0.01, "kind": "absolute"], "limit": 0.01, "points": points,
    ]
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(ParetoReport.self, from: JSONSerialization.data(withJSONObject: json))
  }

  /// U+FFFE, U+10FFFF and U+FDD0, which are in UTF-8 what no text should hold.
  static let nonCharacters = String(
    decoding: [0xEF, 0xBF, 0xBE, 0xF4, 0x8F, 0xBF, 0xBF, 0xEF, 0xB7, 0x90] as [UInt8], as: UTF8.self)

  /// What people may put into a model to get into a page.
  static let hostile = [
    "</script><img src=x onerror=\"document.documentElement.dataset.evil=1\">", "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)", "]]></title></svg><script>document.documentElement.dataset.evil=1</script>",
    "&lt;b&gt;&#x3c;script&#x3e;", "javascript:document.documentElement.dataset.evil=1//",
    "a\u{0}b\u{1}\u{1B}[31m\u{7F}\u{85}", "\u{202E}gnp.exe\u{2066}\u{200B}",
    nonCharacters,
    "</style><style>body{display:none}", "<!--", "--><base href=//evil.example>", "𝓗é日本\u{301}",
    "\r\n\t| a |",
    "[x](javascript:alert(1)) ![y](http://evil.example/z.png)", "`</details><h1>",
    "`\u{301}<b>|\u{301}x|\u{301}[x]\u{301}(y)\"\u{301}", "url(http://evil.example)",
    String(repeating: "x", count: 20_000), "a" + String(repeating: "\u{301}", count: 5_000), "%s%n\\", "",
    String(decoding: [0x61, 0xED, 0xA0, 0x80, 0xFF, 0xC0, 0x80] as [UInt8], as: UTF8.self),
  ]
}
