using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Who may call whom in one module, by class hierarchy analysis made coarser: a virtual call may reach every virtual method
/// with that name and number of parameters.
/// </summary>
/// <remarks>
/// One node stands for all code outside the module. It may call back whatever it can reach: every virtual method and every
/// method that a delegate was made of. Edges are kept as often as there are calls, for <see cref="PlantingPlan"/> adds up
/// costs along them.
/// </remarks>
internal sealed class CallGraph
{
    private readonly Dictionary<MethodDefinition, int> indexOf = [];
    private readonly VirtualMethods virtuals;
    private readonly OutsideCalls outsideCalls = new();
    private readonly List<int>[] callees;
    private readonly HashSet<int> callbacks = [];
    private readonly HashSet<int> contractCallers = [];

    internal CallGraph(ModuleDefinition module)
    {
        Methods = [.. module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)];
        foreach (MethodDefinition method in Methods)
        {
            indexOf.Add(method, indexOf.Count);
        }

        callees = [.. Enumerable.Range(0, Methods.Count + 1).Select(_ => new List<int>())];
        (MethodDefinition Method, int Node)[] reached =
            [.. Methods.Where(method => method.IsVirtual || MayImplementStatic(method)).Select(method => (method, indexOf[method]))];
        virtuals = new VirtualMethods(reached);
        callbacks.UnionWith(reached.Select(one => one.Node));
        foreach (MethodDefinition method in Methods)
        {
            foreach (Instruction instruction in method.Body.Instructions)
            {
                AddCalls(indexOf[method], instruction);
            }
        }

        callees[Outside].AddRange(callbacks);
    }

    internal IReadOnlyList<MethodDefinition> Methods { get; }

    /// <summary>The node of all code that is not in the module.</summary>
    internal int Outside => Methods.Count;

    /// <summary>The nodes that a node may call, once for each call.</summary>
    internal IReadOnlyList<int> CalleesOf(int node) => callees[node];

    /// <summary>Whether code outside may call it.</summary>
    internal bool IsCallback(int node) => callbacks.Contains(node);

    /// <summary>As <see cref="IsCallback(int)"/>.</summary>
    internal bool IsCallback(MethodDefinition method) => callbacks.Contains(indexOf[method]);

    /// <summary>Whether it calls into another domain, or into the kernel on behalf of its own.</summary>
    internal bool CallsContract(int node) => contractCallers.Contains(node);

    /// <summary>
    /// Whether a static abstract method of an interface may be behind it, of the module or of the framework: what implements one is not
    /// marked as virtual.
    /// </summary>
    private static bool MayImplementStatic(MethodDefinition method) =>
        method.IsStatic && method.DeclaringType.HasInterfaces && (method.IsPublic || method.HasOverrides);

    private void AddCalls(int caller, Instruction instruction)
    {
        switch (instruction.OpCode.Code)
        {
            case Code.Calli:
                callees[caller].Add(Outside);
                break;
            case Code.Call or Code.Callvirt or Code.Newobj or Code.Jmp when instruction.Operand is MethodReference called:
                bool isConstrained = instruction.Previous?.OpCode.Code == Code.Constrained;
                AddCall(caller, called, isVirtual: instruction.OpCode.Code == Code.Callvirt || isConstrained);
                break;
            case Code.Ldftn or Code.Ldvirtftn or Code.Ldtoken when instruction.Operand is MethodReference taken:
                callbacks.UnionWith(NodesOf(FindOwn(taken)));
                break;
        }
    }

    private void AddCall(int caller, MethodReference called, bool isVirtual)
    {
        IReadOnlyList<MethodDefinition> own = FindOwn(called);
        int[] direct = [.. NodesOf(own)];
        callees[caller].AddRange(direct);
        if (direct.Length == 0 && (IsOwn(called) ? own.Count == 0 || IsOfDelegate(called) : outsideCalls.MayCallBack(called)))
        {
            callees[caller].Add(Outside);
        }

        if (isVirtual)
        {
            callees[caller].AddRange(virtuals.ReachedBy(called));
        }

        if (isVirtual && direct.Length == 0 && OutsideCalls.IsContract(called))
        {
            contractCallers.Add(caller);
        }
    }

    private static bool IsOwn(MethodReference called) => called.DeclaringType.GetElementType().Scope is ModuleDefinition;

    /// <summary>Ours but without a body, like an abstract method; but of these the candidates are known by name.</summary>
    private static bool IsOfDelegate(MethodReference called) => called.Name is "Invoke" or "BeginInvoke" or "EndInvoke";

    private IEnumerable<int> NodesOf(IEnumerable<MethodDefinition> methods) => methods.Where(indexOf.ContainsKey).Select(method => indexOf[method]);

    /// <summary>
    /// The methods of the module that a reference may mean: all of its name and number of parameters in the class or above it. Which of
    /// them it is, the library would decide by names of types alone, and the runtime by types. None: it is inherited from the framework.
    /// </summary>
    private static IReadOnlyList<MethodDefinition> FindOwn(MethodReference reference)
    {
        if (reference.GetElementMethod() is MethodDefinition definition)
        {
            return [definition];
        }

        var found = new List<MethodDefinition>();
        for (var type = reference.DeclaringType.GetElementType() as TypeDefinition; type is not null;
            type = type.BaseType?.GetElementType() as TypeDefinition)
        {
            found.AddRange(type.Methods.Where(
                method => method.Name == reference.Name && method.Parameters.Count == reference.Parameters.Count));
        }

        return found;
    }
}
