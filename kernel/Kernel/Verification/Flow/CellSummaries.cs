using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// Which cells a call may empty. A borrow from a cell in a field or an array lives until then, and a call may do it far
/// away, so each method is summed up with all that it can call (class hierarchy analysis: a virtual call can reach each
/// virtual method of the image with such parameters, a delegate each method whose address is taken, the kernel and the
/// framework each method that they can know of).
/// </summary>
internal sealed class CellSummaries
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly HashSet<string> QuietTypes = new(StringComparer.Ordinal)
    {
        "RRef`1", "RRefArray`1", "PageBuffer", "Cell`1", "Reply`2", "CallContext", "DomainId", "Fault", "Unit", "MmioRegion",
        "RegisterBank", "DmaWindow", "IExchangeReference",
    };

    private readonly ImageContext image;
    private readonly Dictionary<int, CallNode> nodes = [];
    private readonly Dictionary<(Module Module, int Token), CallNode> virtuals = [];
    private readonly Dictionary<Type, List<MethodBase>> virtualMethods = [];
    private readonly Dictionary<Type, HashSet<Type>> reachable = [];
    private readonly CallNode framework = new() { CanReturnBorrow = true };

    /// <summary>The framework where it is generic over a type that may hold a call context, and so can pass one on.</summary>
    private readonly CallNode frameworkWithContext = new() { CanReturnBorrow = true };
    private readonly CallNode kernel = new() { CanReturnBorrow = true, IsOfOthers = true };
    private readonly CallNode delegates = new() { CanReturnBorrow = true };
    private int edgesLeft = FlowLimits.VirtualEdgesMax;
    private bool isBuilt;

    internal CellSummaries(ImageContext image) => this.image = image;

    /// <summary>The cells that a call may empty, and whether it is other code than the callee's that may do it.</summary>
    internal (ulong Places, bool ByOthers) EmptiedBy(MethodBase callee, bool isVirtualCall)
    {
        CallNode? node = NodeOf(callee, isVirtualCall);
        return node is null ? (0, false) : (WithUnknown(PlacesOf(node.Emptied)), node.IsOfOthers);
    }

    /// <summary>The cells that a borrow may be from which a call returns.</summary>
    internal ulong ReturnedBy(MethodBase callee, bool isVirtualCall) =>
        (callee.Module.Assembly == image.Assembly || isVirtualCall) && NodeOf(callee, isVirtualCall) is { } node
            ? PlacesOf(node.Returned) : 0;

    /// <summary>Emptying any cell ends the borrows from cells unknown, and those from references of the caller.</summary>
    private static ulong WithUnknown(ulong emptied) =>
        emptied == 0 ? 0 : emptied | Places.UnknownCell | Places.Caller;

    private ulong PlacesOf(CellSet cells)
    {
        if (cells.IsAny)
        {
            return Places.Cells | Places.Caller;
        }

        ulong places = cells.HasElements ? Places.Elements : 0;
        foreach (int field in cells.Fields)
        {
            places |= image.PlaceOfField(field);
        }

        return places;
    }

    private CallNode? NodeOf(MethodBase callee, bool isVirtualCall)
    {
        Build();
        Assembly assembly = callee.Module.Assembly;
        if (typeof(Delegate).IsAssignableFrom(callee.DeclaringType) && callee.Name == "Invoke")
        {
            return delegates;
        }

        if (assembly == image.Assembly)
        {
            return isVirtualCall ? VirtualNode(callee, beyond: null) : nodes.GetValueOrDefault(callee.MetadataToken);
        }

        // The object behind a type of others may be the image's own: a contract of the kernel that it implements itself, a comparer.
        CallNode? beyond = NodeBeyond(callee, assembly);
        return isVirtualCall && reachable.ContainsKey(Definition(callee.DeclaringType!)) ? VirtualNode(callee, beyond) : beyond;
    }

    /// <summary>What a method of another assembly stands for; null: it calls nobody back and empties nothing.</summary>
    private CallNode? NodeBeyond(MethodBase callee, Assembly assembly)
    {
        bool isOurs = assembly == typeof(CallContext).Assembly || assembly == typeof(Contracts.IDomain).Assembly;
        if (!isOurs)
        {
            return MayHoldContext(callee) ? frameworkWithContext : framework;
        }

        return callee.DeclaringType is { IsInterface: false } type && QuietTypes.Contains(type.Name) ? null : kernel;
    }

    private static bool MayHoldContext(MethodBase callee) =>
        (callee.IsGenericMethod && callee.GetGenericArguments().Any(one => one.IsByRefLike))
        || callee.DeclaringType!.GetGenericArguments().Any(one => one.IsByRefLike);

    private void Build()
    {
        if (isBuilt)
        {
            return;
        }

        isBuilt = true;
        List<MethodBase> methods = OwnMethods();
        bool isReentrant = IsReentrant();
        IndexTypes();
        framework.Callers.Add(kernel);
        framework.Callers.Add(frameworkWithContext);
        delegates.Callers.Add(kernel);
        foreach (MethodBase method in methods)
        {
            var node = new CallNode { CanReturnBorrow = CanReturnBorrow(method) };
            nodes[method.MetadataToken] = node;
            if (method.IsVirtual)
            {
                AddVirtual(method, node, isReentrant);
            }
        }

        methods.ForEach(new CellScan(image, this).Scan);
        Propagate();
    }

    private void AddVirtual(MethodBase method, CallNode node, bool isReentrant)
    {
        if (!virtualMethods.TryGetValue(method.DeclaringType!, out List<MethodBase>? siblings))
        {
            siblings = [];
            virtualMethods.Add(method.DeclaringType!, siblings);
        }

        siblings.Add(method);
        if (isReentrant)
        {
            node.Callers.Add(kernel);
        }

        node.Callers.Add(TakesContext(method) ? frameworkWithContext : framework);
    }

    private List<MethodBase> MethodsOf(Type type) => virtualMethods.GetValueOrDefault(type, []);

    /// <summary>
    /// Whether other calls are let in while one waits or has called out (docs/executors.md). Into any other domain the
    /// kernel lets nobody then; that no call comes back on the same thread follows from a graph of capabilities without cycles.
    /// </summary>
    private bool IsReentrant() => image.Assembly.GetTypes().Any(type =>
        type.GetCustomAttributesData().Any(one => one.AttributeType == typeof(Contracts.ReentrantAttribute)));

    private List<MethodBase> OwnMethods()
    {
        var methods = new List<MethodBase>();
        foreach (Type type in image.Assembly.GetTypes())
        {
            methods.AddRange(type.GetMethods(All));
            methods.AddRange(type.GetConstructors(All));
        }

        return methods;
    }

    private static bool CanReturnBorrow(MethodBase method) =>
        (method is MethodInfo { ReturnType: Type type } && TypeTable.IsBorrowType(type))
        || (method.DeclaringType!.IsByRefLike && !method.IsStatic)
        || method.GetParameters().Select(one => one.ParameterType)
            .Any(one => one.IsByRef && TypeTable.IsBorrowType(one.GetElementType()!));

    private static bool TakesContext(MethodBase method) =>
        method.GetParameters().Any(one => one.ParameterType == typeof(CallContext));

    internal CallNode Known(MethodBase method) => nodes[method.MetadataToken];

    /// <summary>Notes that one method may call another.</summary>
    internal void AddCall(CallNode caller, MethodBase callee, bool isVirtualCall) =>
        NodeOf(callee, isVirtualCall)?.Callers.Add(caller);

    /// <summary>Notes that a delegate may call a method.</summary>
    internal void AddDelegate(MethodBase function)
    {
        if (function.Module.Assembly != image.Assembly)
        {
            return;
        }

        CallNode node = function.IsVirtual ? VirtualNode(function, beyond: null) : Known(function);
        node.Callers.Add(delegates);
        node.Callers.Add(TakesContext(function) ? frameworkWithContext : framework);
    }

    /// <summary>
    /// All virtual methods that a call may reach. An override has the parameters of what it overrides, but perhaps another
    /// name (MethodImpl), so names say nothing.
    /// </summary>
    /// <param name="callee">The method that the call names.</param>
    /// <param name="beyond">What else it may reach, in other assemblies; null for nothing.</param>
    private CallNode VirtualNode(MethodBase callee, CallNode? beyond)
    {
        if (virtuals.TryGetValue((callee.Module, callee.MetadataToken), out CallNode? node))
        {
            return node;
        }

        node = new CallNode { CanReturnBorrow = true };
        virtuals.Add((callee.Module, callee.MetadataToken), node);
        if (beyond is not null)
        {
            beyond.Callers.Add(node);
            node.IsOfOthers = beyond.IsOfOthers;
            node.Add(beyond);
        }

        if (callee.IsStatic)
        {
            // What implements a static method of an interface is not marked as virtual, so it cannot be found by looking.
            node.Refuse();
            return node;
        }

        ParameterInfo[] parameters = callee.GetParameters();
        foreach (MethodBase method in reachable.GetValueOrDefault(Definition(callee.DeclaringType!), []).SelectMany(MethodsOf))
        {
            if (edgesLeft-- < 0)
            {
                node.Refuse();
                break;
            }

            if (IsSimilar(parameters, method.GetParameters()))
            {
                Known(method).Callers.Add(node);
                node.IsOfOthers = false;
                node.Add(Known(method));
            }
        }

        return node;
    }

    /// <summary>
    /// For each type that can be called through: the types of the image whose methods such a call can reach. They are those
    /// that implement it or derive from it, and their bases, whose methods may implement an interface for a derived class.
    /// </summary>
    private void IndexTypes()
    {
        foreach (Type type in image.Assembly.GetTypes())
        {
            var chain = new List<Type>();
            for (Type? up = type; up is not null; up = up.BaseType)
            {
                chain.Add(Definition(up));
            }

            foreach (Type through in type.GetInterfaces().Select(Definition).Concat(chain))
            {
                if (!reachable.TryGetValue(through, out HashSet<Type>? types))
                {
                    types = [];
                    reachable.Add(through, types);
                }

                types.UnionWith(chain);
            }
        }
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static bool IsSimilar(ParameterInfo[] one, ParameterInfo[] other)
    {
        if (one.Length != other.Length)
        {
            return false;
        }

        for (int i = 0; i < one.Length; i++)
        {
            if (!IsSimilar(one[i].ParameterType, other[i].ParameterType))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether two types can be the same once type parameters have been replaced.</summary>
    private static bool IsSimilar(Type one, Type other)
    {
        if (one == other || one.IsGenericParameter || other.IsGenericParameter)
        {
            return true;
        }

        if (one.HasElementType || other.HasElementType)
        {
            return one.HasElementType && other.HasElementType && one.IsByRef == other.IsByRef
                && IsSimilar(one.GetElementType()!, other.GetElementType()!);
        }

        return one.IsGenericType && other.IsGenericType && one.GetGenericTypeDefinition() == other.GetGenericTypeDefinition();
    }

    private void Propagate()
    {
        var work = new Queue<CallNode>([.. nodes.Values, .. virtuals.Values, framework, frameworkWithContext, delegates, kernel]);
        foreach (CallNode node in work)
        {
            node.IsQueued = true;
        }

        while (work.TryDequeue(out CallNode? node))
        {
            node.IsQueued = false;
            foreach (CallNode caller in node.Callers)
            {
                if (caller.Add(node) && !caller.IsQueued)
                {
                    caller.IsQueued = true;
                    work.Enqueue(caller);
                }
            }
        }
    }
}
