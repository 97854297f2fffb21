using Microsoft.Diagnostics.Runtime;

namespace RedLeafSharp.Cli.Doctor;

/// <summary>Everything that the collector starts from, with a name that a reader can act on; the most telling first.</summary>
internal static class Roots
{
    /// <summary>Of a 64-bit array of references: method table and length lie before its elements.</summary>
    private const int ArrayHeaderBytes = 16;

    /// <summary>HNDTYPE_WEAK_INTERIOR_POINTER (dotnet/runtime, gcinterface.h), which ClrMD does not know and takes for strong.</summary>
    private const int WeakInteriorPointer = 10;

    internal static IEnumerable<(string Name, ClrObject Value)> Of(ClrRuntime runtime)
    {
        var slots = new HashSet<ulong>();
        foreach ((string name, ClrObject value, ulong slot) in StaticFields.Of(runtime))
        {
            slots.Add(slot);
            yield return (name, value);
        }

        foreach (ClrRoot root in runtime.Heap.EnumerateRoots().Where(Keeps))
        {
            foreach ((string name, ClrObject value) in Unnamed(root, slots))
            {
                yield return (name, value);
            }
        }
    }

    internal static string NameOf(ClrThread thread) =>
        $"thread {thread.ManagedThreadId} (Linux thread {thread.OSThreadId})";

    private static bool Keeps(ClrRoot root) =>
        root is not ClrHandle handle || (handle.IsStrong && (int)handle.HandleKind != WeakInteriorPointer);

    private static string NameOf(ClrRoot root) => root switch
    {
        ClrStackRoot { StackFrame: { Thread: { } thread } frame } =>
            $"stack of {NameOf(thread)} in {frame.Method?.Signature ?? frame.FrameName ?? "native code"}",
        ClrHandle handle => $"handle ({handle.HandleKind}) at {root.Address:x}",
        _ => $"{root.RootKind} at {root.Address:x}",
    };

    /// <summary>
    /// The root's value, or, when it is one of the arrays in which the runtime keeps static fields, those of its elements that
    /// have not been named as static fields already.
    /// </summary>
    private static IEnumerable<(string Name, ClrObject Value)> Unnamed(ClrRoot root, HashSet<ulong> slots)
    {
        ClrObject value = root.Object;
        if (!value.IsValid || value.Type?.Name != "System.Object[]")
        {
            return [(NameOf(root), value)];
        }

        ClrArray array = value.AsArray();
        ulong SlotOf(int index) => value.Address + ArrayHeaderBytes + ((ulong)index * sizeof(ulong));
        int[] rest = [.. Enumerable.Range(0, array.Length).Where(index => !slots.Contains(SlotOf(index)))];
        return rest.Length == array.Length
            ? [(NameOf(root), value)]
            : rest.Select(index => ($"static field of a generic type, at {SlotOf(index):x}", array.GetObjectValue(index)));
    }
}
