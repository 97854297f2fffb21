using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Verification;

/// <summary>Source lines out of a portable PDB. Damaged symbols have no lines; they decide nothing.</summary>
internal sealed class SourceLines : IDisposable
{
    private readonly MetadataReaderProvider? provider;
    private readonly MetadataReader? reader;

    internal SourceLines(byte[]? symbols)
    {
        if (symbols is null)
        {
            return;
        }

        try
        {
            provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols, writable: false));
            reader = provider.GetMetadataReader();
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            reader = null;
        }
    }

    /// <summary>The last line that starts at or before the offset.</summary>
    internal (string? Document, int Line) Find(int method, int ilOffset)
    {
        if (reader is null || method == 0)
        {
            return (null, 0);
        }

        try
        {
            return Search(reader, method, Math.Max(ilOffset, 0));
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            return (null, 0);
        }
    }

    public void Dispose() => provider?.Dispose();

    private static (string? Document, int Line) Search(MetadataReader reader, int method, int ilOffset)
    {
        int row = MetadataTokens.GetRowNumber(MetadataTokens.EntityHandle(method));
        if (row > reader.MethodDebugInformation.Count)
        {
            return (null, 0);
        }

        (string? Document, int Line) best = (null, 0);
        foreach (SequencePoint point in reader.GetMethodDebugInformation(MetadataTokens.MethodDebugInformationHandle(row)).GetSequencePoints())
        {
            if (point.IsHidden)
            {
                continue;
            }

            if (best.Document is not null && point.Offset > ilOffset)
            {
                break;
            }

            best = (LineSymbols.NameOf(reader, reader.GetDocument(point.Document)), point.StartLine);
        }

        return best;
    }

    private static bool IsDamage(Exception exception) =>
        exception is BadImageFormatException or ArgumentException or InvalidOperationException or OverflowException or IOException;
}
