using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// What one method does to cells by itself, without following its control flow: if it takes from a cell at all, it may
/// take from each cell that it names.
/// </summary>
internal sealed class CellScan(ImageContext image, CellSummaries summaries)
{
    internal void Scan(MethodBase method)
    {
        CallNode node = summaries.Known(method);
        try
        {
            if (method.GetMethodBody()?.GetILAsByteArray() is { } code)
            {
                Scan(method, node, new InstructionStream(code));
            }
        }
        catch (FlowException)
        {
            // Its own verification refuses it, and with it the image.
            node.Refuse();
        }
        catch (Exception exception) when (ImageContext.IsFault(exception))
        {
            node.Refuse();
        }
    }

    private void Scan(MethodBase method, CallNode node, InstructionStream code)
    {
        var tokens = new TokenResolver(image, method);
        var named = new CellSet();
        bool takes = false;
        bool borrows = false;
        if (HasCellParameter(method))
        {
            named.AddAny();
        }

        foreach (Instruction instruction in code.Instructions)
        {
            switch (instruction.Code)
            {
                case 0x7C or 0x7F:
                    NoteField(tokens.Field(instruction.Token), named);
                    break;
                case 0x8F when image.Types.Of(tokens.Type(instruction.Token)).IsLinear:
                    named.AddElements();
                    break;
                case 0x28 or 0x6F or 0x73:
                    MethodBase callee = tokens.Method(instruction.Token);
                    NoteCall(callee, instruction, node, named);
                    takes |= IsOfCell(callee, "Take");
                    borrows |= IsOfCell(callee, "get_Content");
                    break;
                case 0xFE06 or 0xFE07:
                    summaries.AddDelegate(tokens.Method(instruction.Token));
                    break;
            }
        }

        if (takes)
        {
            node.Emptied.Add(named);
        }

        if (borrows && node.CanReturnBorrow)
        {
            node.Returned.Add(named);
        }
    }

    private bool HasCellParameter(MethodBase method) =>
        method.GetParameters().Any(one => IsCellReference(one.ParameterType))
        || (!method.IsStatic && method.DeclaringType!.IsValueType && image.Types.Of(method.DeclaringType).IsLinear);

    /// <summary>A reference to a cell, or to a struct with one; exchange references themselves do not lie on the heap.</summary>
    private bool IsCellReference(Type type) =>
        type.IsByRef && image.Types.Of(type.GetElementType()!) is { IsLinear: true, IsExchangeReference: false };

    private void NoteField(FieldInfo field, CellSet named)
    {
        if (!image.Types.Of(field.FieldType).IsLinear)
        {
            return;
        }

        if (field.Module.Assembly == image.Assembly)
        {
            named.Fields.Add(field.MetadataToken);
        }
        else
        {
            named.AddAny();
        }
    }

    private static bool IsOfCell(MethodBase callee, string name) =>
        callee.Name == name && TypeTable.IsCell(callee.DeclaringType!);

    private void NoteCall(MethodBase callee, Instruction instruction, CallNode node, CellSet named)
    {
        bool isCell = TypeTable.IsCell(callee.DeclaringType!);
        if (!isCell && callee is MethodInfo { ReturnType: Type result } && IsCellReference(result))
        {
            named.AddAny();
        }

        summaries.AddCall(node, callee, callee.IsVirtual && (instruction.Code == 0x6F || callee.IsStatic));
    }
}
