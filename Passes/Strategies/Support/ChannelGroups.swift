import GraphIR

/// Channels that are made together: the unit of narrowing. Each of its classes can go on its own, from all layers
/// that make, carry or read it.
struct ChannelGroup: Sendable {
  /// The layers that make the channels, in order.
  let producers: [NodeID]
  /// Those that read them: indices into the flow's consumers, in order.
  let consumers: [Int]
  /// The first channel of each class that can go.
  let units: [Int32]
  /// The channels that a producer makes of each class: the depth of a head, the size of a group.
  let channelsOfUnit: Int
}

/// What a flow says, in the form that narrowing needs.
struct ChannelGroups: Sendable {
  let groups: [ChannelGroup]
  /// The class of each channel, by its first channel.
  let classOf: [Int32]

  init(_ flow: ChannelFlow) {
    let classOf = (0..<Int32(flow.classes.count)).map { flow.classes.representative(of: $0) }
    var joined = ChannelClasses()
    _ = joined.add(max(classOf.count, 1))
    for product in flow.products {
      for channel in product.channels {
        joined.unite(classOf[Int(product.channels[0])], classOf[Int(channel)])
      }
    }
    // By the group's first channel.
    var productsOf: [Int32: [ChannelProduct]] = [:]
    for product in flow.products {
      productsOf[joined.representative(of: classOf[Int(product.channels[0])]), default: []].append(product)
    }
    var consumersOf: [Int32: [Int]] = [:]
    for (index, consumer) in flow.consumers.enumerated() {
      let read = Set(consumer.axis.channels.map { joined.representative(of: classOf[Int($0)]) })
      for group in read { consumersOf[group, default: []].append(index) }
    }
    self.classOf = classOf
    groups = productsOf.keys.sorted().compactMap { key in
      Self.group(productsOf[key] ?? [], consumersOf[key] ?? [], classOf, flow)
    }
  }

  /// Nil where fewer than two classes can go, or one of them is read by no layer that can make up for it.
  private static func group(
    _ products: [ChannelProduct], _ consumers: [Int], _ classOf: [Int32], _ flow: ChannelFlow
  ) -> ChannelGroup? {
    let made = products.flatMap { $0.channels.map { classOf[Int($0)] } }
    let units = Set(made).filter { !flow.classes.isPinned($0) }.sorted()
    let read = Set(consumers.flatMap { flow.consumers[$0].axis.channels.map { classOf[Int($0)] } })
    guard units.count > 1, units.allSatisfy(read.contains) else { return nil }
    let largest = products.map { product in
      product.channels.count / max(Set(product.channels.map { classOf[Int($0)] }).count, 1)
    }.max()
    return ChannelGroup(
      producers: products.map(\.node), consumers: consumers, units: units, channelsOfUnit: largest ?? 1)
  }
}
