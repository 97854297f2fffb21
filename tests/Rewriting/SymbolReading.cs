using System.Reflection.Metadata;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>What a portable PDB says, read by the framework's reader and not by the library under test.</summary>
internal static class SymbolReading
{
    /// <summary>
    /// Of each method, the start line and column of its sequence points in order, hidden ones included. Sorted, because a
    /// rewritten image may number its methods in another order.
    /// </summary>
    internal static List<string> PointsByMethod(byte[] symbols)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols));
        MetadataReader reader = provider.GetMetadataReader();
        var methods = new List<string>();
        foreach (MethodDebugInformationHandle handle in reader.MethodDebugInformation)
        {
            SequencePointCollection points = reader.GetMethodDebugInformation(handle).GetSequencePoints();
            methods.Add(string.Join(' ', points.Select(point => $"{point.StartLine}:{point.StartColumn}")));
        }

        methods.Sort(StringComparer.Ordinal);
        methods.RemoveAll(text => text.Length == 0);
        return methods;
    }
}
