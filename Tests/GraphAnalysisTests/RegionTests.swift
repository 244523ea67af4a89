import GraphAnalysis
import GraphIR
import Testing

/// Operators do not matter here: `F` stands for any.
@Suite struct RegionTests {
  /// As in `x→y: a b`, indented below the region around it; nodes are named by their first outputs.
  private func regions(_ text: String, sideInputs: [String] = []) throws -> [String] {
    let model = try parsed(text)
    let sides = Set(sideInputs.compactMap { model.value($0) })
    let tree = RegionTree(of: model.mainGraph, in: model, sideInputs: sides)
    #expect(tree.isComplete)
    return tree.regions.map { region in
      let depth = sequence(state: region.parent) { parent -> Int? in
        defer { parent = parent.flatMap { tree.regions[$0].parent } }
        return parent
      }.reduce(0) { count, _ in count + 1 }
      let ends = "\(model.name(of: region.entry))→\(model.name(of: region.exit))"
      return String(repeating: ". ", count: depth) + "\(ends): \(model.names(of: region.nodes))"
    }
  }

  @Test func aChainIsARunOfMinimalRegions() throws {
    let found = try regions("g (float[N] x) => (y) { a = Relu (x)  b = Relu (a)  y = Relu (b) }")
    #expect(found == [". x→a: a", ". a→b: b", ". b→y: y", "x→y: a b y"])
  }

  @Test func aResidualBlockAndItsBranch() throws {
    let found = try regions(
      """
      g (float[N,4] x) => (y) <float[4] w = {1, 2, 3, 4}>
      {
        conv = local.F (x, w)
        double = Mul (w, w)
        norm = local.F (conv, double)
        sum = Add (x, norm)
        y = Relu (sum)
      }
      """)
    // The weight that is computed from another is no data.
    #expect(
      found == [
        ". . . x→conv: conv", ". . . conv→norm: norm", ". . x→norm: conv norm", ". x→sum: conv norm sum",
        ". sum→y: y", "x→y: conv norm sum y",
      ])
  }

  @Test func residualsInsideABranch() throws {
    let found = try regions(
      """
      g (float[N,4] x) => (y)
      {
        a = local.F (x)
        b = local.F (a)
        inner = Add (a, b)
        c = local.F (inner)
        y = Add (x, c)
      }
      """)
    #expect(
      found == [
        ". . x→a: a", ". . . a→b: b", ". . a→inner: b inner", ". . inner→c: c", ". x→c: a b inner c",
        "x→y: a b inner c y",
      ])
  }

  @Test func severalReadersOfTheEntryMayBelongToOneBranch() throws {
    let found = try regions(
      """
      g (float[N,4] x) => (y)
      {
        q = local.F (x)
        k = local.F (x)
        v = local.F (x)
        scores = local.F (q, k)
        context = local.F (scores, v)
        y = Add (x, context)
      }
      """)
    #expect(
      found.last == "x→y: q k v scores context y" && found.contains(". x→context: q k v scores context"))
    #expect(found.count == 6)
  }

  @Test func aSideExitIsNoRegion() throws {
    let found = try regions(
      """
      g (float[N,4] x) => (y, z)
      {
        a = local.F (x)
        b = local.F (a)
        c = local.F (a)
        d = Add (b, c)
        y = Relu (d)
        z = Relu (c)
      }
      """)
    #expect(found == ["x→a: a", "a→b: b", "a→c: c", "d→y: y", "c→z: z"])
  }

  @Test func bodiesReadForTheirOwner() throws {
    let found = try regions(
      """
      g (float[N,4] x, bool c) => (y)
      {
        a = local.F (x)
        b = local.F (a)
        h = If (c) < then_branch = t () => (p) { p = Relu (b) }, else_branch = e () => (q) { q = Relu (a) } >
        y = Add (a, h)
      }
      """, sideInputs: ["c"])
    #expect(
      found == [". x→a: a", ". . . a→b: b", ". . a→h: b h", ". a→y: b h y", "x→y: a b h y"])
  }

  @Test func deadEndsAreIgnored() throws {
    let found = try regions(
      "g (float[N,4] x) => (y) { a, mask = Dropout (x)  dead = Relu (a)  y = Relu (a) }")
    #expect(found == [". x→a: a", ". a→y: y", "x→y: a y"])
  }

  @Test func shapesAreNoDataButKeepValuesAlive() throws {
    let text = """
      g (float[N,4] x) => (y)
      {
        a = local.F (x)
        s = Shape (x)
        b = Reshape (a, s)
        c = local.F (b)
        t = Shape (b)
        d = local.F (c)
        y = Reshape (d, t)
      }
      """
    let model = try parsed(text)
    let found = try regions(text)
    #expect(found == [". x→a: a", ". a→b: b", ". b→c: c", ". c→d: d", ". d→y: y", "x→y: a b c d y"])
    // A section must not end between the value and the reader of its shape.
    let tree = RegionTree(of: model.mainGraph, in: model)
    #expect(tree.section(ofRun: 0, from: 1, to: 4) == nil)
    #expect(tree.section(ofRun: 0, from: 1, to: 5).map { model.names(of: $0.nodes) } == "b c d y")
  }

  @Test func sideInputsAreNoEntries() throws {
    let text = "g (float[N,4] x, float[N,4] mask) => (y) { a = local.F (x, mask)  y = local.F (a, mask) }"
    #expect(try regions(text).isEmpty)
    #expect(try regions(text, sideInputs: ["mask"]) == [". x→a: a", ". a→y: y", "x→y: a y"])
  }

  @Test func severalOutputsThatMeetAgain() throws {
    let found = try regions(
      "g (float[N,4] x) => (y) { a, b = Split <axis = 1, num_outputs = 2> (x)  c = Sigmoid (b)  y = Mul (a, c) }"
    )
    #expect(found == [". b→c: c", "x→y: a c y"])
  }

  @Test func sectionsOfARunThatCanBeBypassed() throws {
    var model = try parsed(
      """
      g (float[N,4] x) => (y) <float[4,8] w, float[8,4] v>
      {
        wide = Constant <value_ints = [4, 8]> ()
        narrow = Constant <value_ints = [8, 4]> ()
        w = ConstantOfShape (wide)
        v = ConstantOfShape (narrow)
        a = MatMul (x, w)
        b = Relu (a)
        c = MatMul (b, v)
        d = MatMul (c, w)
        y = Relu (d)
      }
      """)
    ShapeInference.run(on: &model)
    let tree = RegionTree(of: model.mainGraph, in: model)
    #expect(
      tree.regions.filter { $0.hasEqualTypes(in: model) }.map { model.names(of: $0.nodes) } == ["b", "y"])
    #expect(
      tree.shortestTypePreservingSections(in: model).map { model.names(of: $0.nodes) } == ["a b c", "c d"])
  }
}
