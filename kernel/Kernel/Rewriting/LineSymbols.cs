using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using RedLeafSharp.Verification;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// What the kernel keeps of an image's symbols: documents, lines and names of locals (Portable PDB v1.0, tables 0x30 to 0x33). Constants,
/// imports and whatever else a compiler notes for debuggers are left out, for symbols come from outside like the image: the rewriter's
/// library follows scopes, imports and signatures in them by recursion, as deep as the file says, and unpacks what is packed in it.
/// </summary>
internal sealed class LineSymbols
{
    /// <summary>Characters of a document's name; the file system of the host has names of 4,096 at most.</summary>
    private const int NameBytesMax = 4096;

    /// <summary>Parts of such a name: each is a reference, so a short name could mean a text without end.</summary>
    private const int NamePartsMax = 256;

    /// <summary>Scopes within each other: the library goes down by recursion. C# code has as many as it has braces.</summary>
    private const int ScopeDepthMax = 64;

    /// <summary>Scopes of one method: the library compares each with each.</summary>
    private const int ScopesMax = 1024;

    private readonly MetadataReader reader;
    private readonly MetadataBuilder builder = new();

    private LineSymbols(MetadataReader reader) => this.reader = reader;

    /// <summary>The symbols again, with no more than that, under the same id.</summary>
    /// <param name="assembly">The image, which has been verified.</param>
    /// <param name="symbols">Its symbols.</param>
    /// <exception cref="BadImageFormatException">They are damaged, or beyond a bound.</exception>
    internal static byte[] Of(byte[] assembly, byte[] symbols)
    {
        using var image = new PEReader(new MemoryStream(assembly, writable: false));
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols, writable: false));
        MetadataReader reader = provider.GetMetadataReader();
        ImmutableArray<byte> id = [.. reader.DebugMetadataHeader?.Id ?? throw new BadImageFormatException("symbols without an id")];
        if (reader.Documents.Count > VerificationLimits.TableRowsMax || reader.MethodDebugInformation.Count > VerificationLimits.TableRowsMax)
        {
            throw new BadImageFormatException($"symbols with a table of more than {VerificationLimits.TableRowsMax} rows");
        }

        var kept = new LineSymbols(reader);
        kept.CopyLines();
        kept.CopyScopes();
        MetadataReader module = image.GetMetadataReader();
        ImmutableArray<int> rows = [.. Enumerable.Range(0, MetadataTokens.TableCount).Select(table => RowsOf(module, (TableIndex)table))];
        var written = new BlobBuilder();
        new PortablePdbBuilder(kept.builder, rows, reader.DebugMetadataHeader.EntryPoint, _ => new BlobContentId(id)).Serialize(written);
        return written.ToArray();
    }

    /// <summary>The name of a document.</summary>
    /// <exception cref="BadImageFormatException">It is too long.</exception>
    internal static string NameOf(MetadataReader reader, Document document)
    {
        BlobReader name = reader.GetBlobReader((BlobHandle)document.Name);
        long bytes = 0;
        int parts = 0;
        for (_ = name.RemainingBytes > 0 ? name.ReadByte() : 0; name.RemainingBytes > 0 && parts <= NamePartsMax; parts++)
        {
            bytes += 1 + reader.GetBlobReader(name.ReadBlobHandle()).Length;
        }

        return bytes <= NameBytesMax && parts <= NamePartsMax
            ? reader.GetString(document.Name) : throw new BadImageFormatException("a document with a name that is too long");
    }

    private void CopyLines()
    {
        foreach (DocumentHandle handle in reader.Documents)
        {
            Document document = reader.GetDocument(handle);
            builder.AddDocument(
                builder.GetOrAddDocumentName(NameOf(reader, document)),
                builder.GetOrAddGuid(reader.GetGuid(document.HashAlgorithm)),
                builder.GetOrAddBlob(reader.GetBlobBytes(document.Hash)),
                builder.GetOrAddGuid(reader.GetGuid(document.Language)));
        }

        foreach (MethodDebugInformationHandle handle in reader.MethodDebugInformation)
        {
            MethodDebugInformation method = reader.GetMethodDebugInformation(handle);
            builder.AddMethodDebugInformation(method.Document, builder.GetOrAddBlob(reader.GetBlobBytes(method.SequencePointsBlob)));
        }
    }

    private void CopyScopes()
    {
        ImportScopeHandle imports = builder.AddImportScope(default, default);
        MethodDefinitionHandle method = default;
        var open = new Stack<int>();
        int count = 0;
        foreach (LocalScopeHandle handle in reader.LocalScopes)
        {
            LocalScope scope = reader.GetLocalScope(handle);
            if (scope.Method != method)
            {
                (method, count) = (scope.Method, 0);
                open.Clear();
            }

            while (open.TryPeek(out int end) && end <= scope.StartOffset)
            {
                open.Pop();
            }

            open.Push(scope.EndOffset);
            if (++count > ScopesMax || open.Count > ScopeDepthMax)
            {
                throw new BadImageFormatException("symbols with too many scopes in one method, or too deep ones");
            }

            LocalVariableHandle first = CopyVariables(scope);
            builder.AddLocalScope(method, imports, first, MetadataTokens.LocalConstantHandle(1), scope.StartOffset, scope.Length);
        }
    }

    /// <returns>The row of the first one.</returns>
    private LocalVariableHandle CopyVariables(LocalScope scope)
    {
        int first = builder.GetRowCount(TableIndex.LocalVariable) + 1;
        foreach (LocalVariableHandle handle in scope.GetLocalVariables())
        {
            // The rows of two scopes may be the same ones, over and over.
            if (builder.GetRowCount(TableIndex.LocalVariable) == VerificationLimits.TableRowsMax)
            {
                throw new BadImageFormatException($"symbols with more than {VerificationLimits.TableRowsMax} variables");
            }

            LocalVariable variable = reader.GetLocalVariable(handle);
            builder.AddLocalVariable(variable.Attributes, variable.Index, builder.GetOrAddString(reader.GetString(variable.Name)));
        }

        return MetadataTokens.LocalVariableHandle(first);
    }

    /// <summary>Of the module only: the tables of symbols are counted by themselves.</summary>
    private static int RowsOf(MetadataReader module, TableIndex table) =>
        table <= TableIndex.GenericParamConstraint ? module.GetTableRowCount(table) : 0;
}
