using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace RedLeafSharp.Verification.Image;

/// <summary>Methods as the metadata has them: how they are implemented, their flags, and the instructions no domain may use.</summary>
internal static class MethodRules
{
    private const MethodImplAttributes RuntimeAsync = (MethodImplAttributes)0x2000;

    private static readonly Dictionary<short, (string Rule, string What)> Refused = new()
    {
        [OpCodes.Localloc.Value] = (RuleId.LocalAllocation, "stackalloc: use an array or an exchange buffer"),
        [OpCodes.Calli.Value] = (RuleId.Unsafe, "a call through a function pointer"),
        [OpCodes.Cpblk.Value] = (RuleId.Unsafe, "a raw copy of memory"),
        [OpCodes.Initblk.Value] = (RuleId.Unsafe, "a raw fill of memory"),
        [OpCodes.Jmp.Value] = (RuleId.Unsafe, "a jump into another method"),
        [OpCodes.Arglist.Value] = (RuleId.Unsafe, "a variable argument list"),
        [OpCodes.Mkrefany.Value] = (RuleId.Unsafe, "a TypedReference"),
        [OpCodes.Refanyval.Value] = (RuleId.Unsafe, "a TypedReference"),
        [OpCodes.Refanytype.Value] = (RuleId.Unsafe, "a TypedReference"),
        [OpCodes.Unaligned.Value] = (RuleId.Unsafe, "an access to unaligned memory"),
        [OpCodes.Break.Value] = (RuleId.Malformed, "a breakpoint"),
        [OpCodes.Tailcall.Value] = (RuleId.Malformed, "a tail call, which takes the frame away under a stack guard"),
    };

    /// <exception cref="BadImageFormatException">Metadata is damaged.</exception>
    internal static void Check(ImageFile file)
    {
        if (file.Metadata.TypeDefinitions.FirstOrDefault() is { IsNil: false } global
            && file.Metadata.GetTypeDefinition(global) is var type && (type.GetMethods().Count > 0 || type.GetFields().Count > 0))
        {
            file.Log.Add(RuleId.ModuleInitializer, file.NameOf(global), "a module initializer, or methods and fields outside a type");
        }

        foreach (TypeDefinitionHandle handle in file.Metadata.TypeDefinitions)
        {
            if (!file.Options.IsRewritten && PlantedCode.IsHolder(file.NameOf(handle)))
            {
                file.Log.Add(RuleId.PlantedCode, file.NameOf(handle), "a type of this name is the rewriter's to declare");
            }
        }

        foreach (MethodDefinitionHandle handle in file.Metadata.MethodDefinitions)
        {
            CheckOne(file, handle);
        }

        CheckFinalizers(file);
    }

    private static void CheckOne(ImageFile file, MethodDefinitionHandle handle)
    {
        MethodDefinition method = file.Metadata.GetMethodDefinition(handle);
        string member = file.NameOf(handle);
        _ = file.Signature(method.Signature, member);
        if ((method.ImplAttributes & MethodImplAttributes.Synchronized) != 0)
        {
            file.Log.Add(RuleId.Lock, member, "a synchronized method: a domain needs no locks, one thread at a time is inside");
        }

        if ((method.ImplAttributes & RuntimeAsync) != 0)
        {
            file.Log.Add(RuleId.Concurrency, member, "a method that the runtime makes asynchronous");
        }

        if (NativeFault(file, method) is { } fault)
        {
            file.Log.Add(RuleId.NativeCode, member, fault);
        }
        else if (method.RelativeVirtualAddress != 0)
        {
            CheckBody(file, handle, method, member);
        }
    }

    private static string? NativeFault(ImageFile file, MethodDefinition method)
    {
        const MethodImplAttributes Foreign = MethodImplAttributes.Native | MethodImplAttributes.OPTIL
            | MethodImplAttributes.Unmanaged | MethodImplAttributes.InternalCall | MethodImplAttributes.ForwardRef;
        bool isRuntime = (method.ImplAttributes & MethodImplAttributes.CodeTypeMask) == MethodImplAttributes.Runtime;
        bool isAbstract = (method.Attributes & MethodAttributes.Abstract) != 0;
        bool isPInvoke = (method.Attributes & (MethodAttributes.PinvokeImpl | MethodAttributes.UnmanagedExport)) != 0;
        if (isPInvoke || (!isRuntime && (method.ImplAttributes & Foreign) != 0))
        {
            return "a method that native code implements or calls";
        }

        // Constructor and Invoke of a delegate are the runtime's. Asynchronous invocation is a BCL class of its own.
        if (isRuntime)
        {
            return IsDelegate(file, method) && method.RelativeVirtualAddress == 0 ? null : "only methods of a delegate are the runtime's";
        }

        return isAbstract == (method.RelativeVirtualAddress == 0) ? null
            : isAbstract ? "an abstract method with a body" : "an extern method: it has no body";
    }

    private static bool IsDelegate(ImageFile file, MethodDefinition method) =>
        file.NameOf(file.Metadata.GetTypeDefinition(method.GetDeclaringType()).BaseType) == "System.MulticastDelegate";

    private static void CheckBody(ImageFile file, MethodDefinitionHandle handle, MethodDefinition method, string member)
    {
        if (HasOddSections(file, method.RelativeVirtualAddress))
        {
            file.Log.Add(RuleId.Malformed, member, "a body with more than a table of exceptions behind it, or not where it belongs");
            return;
        }

        MethodBodyBlock body = file.PE.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            BlobHandle locals = file.Metadata.GetStandaloneSignature(body.LocalSignature).Signature;
            if (file.Signature(locals, member).Arguments.Count > 0 && !body.LocalVariablesInitialized && !IsPlanted(file, method))
            {
                file.Log.Add(RuleId.SkipLocalsInit, member, "locals that are not cleared: compile without SkipLocalsInit");
            }
        }

        BlobReader il = body.GetILReader();
        int bytesMax = file.Options.IsRewritten ? VerificationLimits.RewrittenBodyBytesMax : VerificationLimits.BodyBytesMax;
        if (il.Length > bytesMax)
        {
            file.Log.Add(RuleId.Size, member, $"a body of {il.Length} bytes; {bytesMax} are allowed: divide the method");
            return;
        }

        var targets = new HashSet<int>();
        try
        {
            var decoded = new MethodIL(handle, member, ILDecoder.Decode(il, targets), targets);
            foreach (ExceptionRegion region in body.ExceptionRegions)
            {
                targets.UnionWith([region.TryOffset, region.HandlerOffset, region.FilterOffset]);
            }

            file.Bodies.Add(decoded);
            CheckInstructions(file, decoded);
        }
        catch (BadImageFormatException exception)
        {
            file.Log.Add(RuleId.Malformed, member, exception.Message);
        }
    }

    /// <summary>
    /// Behind the code there may be one section, which has another one behind it, and so on (II.25.4.5). Readers differ in what they make
    /// of a second one, and the rewriter's follows them by recursion.
    /// </summary>
    private static bool HasOddSections(ImageFile file, int address)
    {
        const int FormatMask = 3, FatFormat = 3, HasSections = 8, HasMore = 0x80, Alignment = 4, CodeSizeAt = 4;
        BlobReader header = file.PE.GetSectionData(address).GetReader();
        if (header.RemainingBytes == 0 || (header.ReadByte() & FormatMask) != FatFormat)
        {
            return false;
        }

        header.Reset();
        int flags = header.ReadUInt16();
        header.Offset = CodeSizeAt;
        long sections = (((flags >> 12) * sizeof(int)) + (long)header.ReadUInt32() + Alignment - 1) & -Alignment;
        if (address % Alignment != 0 || (flags & HasSections) == 0)
        {
            return address % Alignment != 0;
        }

        header.Reset();
        header.Offset = sections < header.Length ? (int)sections : throw new BadImageFormatException("a body runs past the end of its section");
        return (header.ReadByte() & HasMore) != 0;
    }

    /// <summary>The stack guard takes the address of a local and never reads it. Its code is compared with the rewriter's.</summary>
    private static bool IsPlanted(ImageFile file, MethodDefinition method) =>
        file.Options.IsRewritten && PlantedCode.IsHolder(file.NameOf(method.GetDeclaringType()));

    private static void CheckInstructions(ImageFile file, MethodIL body)
    {
        foreach (ILInstruction instruction in body.Instructions)
        {
            if (Refused.TryGetValue(instruction.OpCode.Value, out (string Rule, string What) refused))
            {
                file.Log.Add(refused.Rule, body.Member, $"{instruction.OpCode.Name}: {refused.What}", body.Token, instruction.Offset);
            }
        }
    }

    /// <summary>A method of any name can be made the implementation of Object.Finalize (ECMA-335 II.22.27).</summary>
    private static void CheckFinalizers(ImageFile file)
    {
        foreach (TypeDefinitionHandle handle in file.Metadata.TypeDefinitions)
        {
            foreach (MethodImplementationHandle row in file.Metadata.GetTypeDefinition(handle).GetMethodImplementations())
            {
                EntityHandle declaration = file.Metadata.GetMethodImplementation(row).MethodDeclaration;
                if (declaration.Kind == HandleKind.MemberReference
                    && file.Metadata.GetMemberReference((MemberReferenceHandle)declaration) is var reference
                    && file.Metadata.StringComparer.Equals(reference.Name, "Finalize")
                    && file.NameOf(reference.Parent) == "System.Object")
                {
                    file.Log.Add(RuleId.Finalizer, file.NameOf(handle), "a method that implements Object.Finalize");
                }
            }
        }
    }
}
