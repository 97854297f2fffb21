using System.Reflection.Metadata;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// Parses signatures with a bound on depth and size. It comes before every other reader of them: those recurse as deep as the
/// bytes say.
/// </summary>
internal ref struct SignatureParser
{
    private readonly ViolationLog log;
    private readonly string member;
    private BlobReader blob;
    private int nodes;

    private SignatureParser(BlobReader blob, string member, ViolationLog log)
    {
        this.blob = blob;
        this.member = member;
        this.log = log;
    }

    /// <summary>Parses a signature of any kind.</summary>
    /// <exception cref="BadImageFormatException">It is none.</exception>
    internal static SignatureType Parse(BlobReader blob, string member, ViolationLog log)
    {
        var parser = new SignatureParser(blob, member, log);
        SignatureType signature = parser.Whole();
        return parser.blob.RemainingBytes == 0 ? signature : throw new BadImageFormatException("a signature is longer than it says");
    }

    /// <summary>Parses the signature of a TypeSpec, which has no header (II.23.2.14).</summary>
    /// <exception cref="BadImageFormatException">It is none.</exception>
    internal static SignatureType ParseType(BlobReader blob, string member, ViolationLog log)
    {
        var parser = new SignatureParser(blob, member, log);
        SignatureType type = parser.Type(0);
        return parser.blob.RemainingBytes == 0 ? type : throw new BadImageFormatException("a signature is longer than it says");
    }

    private SignatureType Whole()
    {
        SignatureHeader header = blob.ReadSignatureHeader();
        switch (header.Kind)
        {
            case SignatureKind.Field:
                return Group(Type(0));
            case SignatureKind.Method or SignatureKind.Property:
                return Method(header);
            case SignatureKind.LocalVariables:
                return Group(Types(Count(VerificationLimits.LocalsMax), 0));
            case SignatureKind.MethodSpecification:
                return Group(Types(Count(VerificationLimits.LocalsMax), 0));
            default:
                throw new BadImageFormatException($"a signature of the unknown kind {header.RawValue}");
        }
    }

    private SignatureType Method(SignatureHeader header)
    {
        if (header.CallingConvention != SignatureCallingConvention.Default)
        {
            log.Add(RuleId.Unsafe, member, $"the calling convention {header.CallingConvention} is for native code");
        }

        if (header.IsGeneric)
        {
            _ = Count(VerificationLimits.LocalsMax);
        }

        // The return type counts as one of the types.
        int count = Count(VerificationLimits.LocalsMax) + 1;
        return Group(Types(count, 0));
    }

    private int Count(int max)
    {
        int count = blob.ReadCompressedInteger();
        return count <= max ? count : throw new BadImageFormatException($"a signature with {count} types; {max} are allowed");
    }

    private SignatureType[] Types(int count, int depth)
    {
        var types = new SignatureType[count];
        for (int index = 0; index < count; index++)
        {
            types[index] = Type(depth);
        }

        return types;
    }

    private SignatureType Type(int depth)
    {
        if (depth > VerificationLimits.SignatureDepthMax || ++nodes > VerificationLimits.SignatureNodesMax)
        {
            throw new BadImageFormatException("a signature is nested too deeply, or too long");
        }

        var code = (SignatureTypeCode)blob.ReadByte();
        switch (code)
        {
            case <= SignatureTypeCode.String and >= SignatureTypeCode.Void:
            case SignatureTypeCode.IntPtr or SignatureTypeCode.UIntPtr or SignatureTypeCode.Object:
                return Leaf(code);
            case SignatureTypeCode.GenericTypeParameter or SignatureTypeCode.GenericMethodParameter:
                return new SignatureType(code, default, Count(VerificationLimits.LocalsMax), []);
            case (SignatureTypeCode)SignatureTypeKind.Class or (SignatureTypeCode)SignatureTypeKind.ValueType:
                return new SignatureType(code, Named(), 0, []);
            case SignatureTypeCode.ByReference or SignatureTypeCode.SZArray:
                return new SignatureType(code, default, 0, [Type(depth + 1)]);
            case SignatureTypeCode.GenericTypeInstance:
                return Instance(depth);
            case SignatureTypeCode.Array:
                return Array(depth);
            case SignatureTypeCode.RequiredModifier or SignatureTypeCode.OptionalModifier:
                _ = Named();
                return Type(depth + 1);
            default:
                return Unverifiable(code, depth);
        }
    }

    private SignatureType Unverifiable(SignatureTypeCode code, int depth)
    {
        string what = code switch
        {
            SignatureTypeCode.Pointer => "a pointer",
            SignatureTypeCode.FunctionPointer => "a function pointer",
            SignatureTypeCode.Pinned => "a pinned local",
            SignatureTypeCode.TypedReference => "a TypedReference",
            SignatureTypeCode.Sentinel => "a variable argument list",
            _ => throw new BadImageFormatException($"the unknown element type 0x{(byte)code:x2} in a signature"),
        };
        log.Add(RuleId.Unsafe, member, $"{what} cannot be verified");
        return code switch
        {
            SignatureTypeCode.Pointer or SignatureTypeCode.Pinned or SignatureTypeCode.Sentinel => Type(depth + 1),
            SignatureTypeCode.FunctionPointer => throw new BadImageFormatException("function pointers are not supported"),
            _ => Leaf(code),
        };
    }

    private SignatureType Instance(int depth)
    {
        byte kind = blob.ReadByte();
        if (kind is not ((byte)SignatureTypeKind.Class or (byte)SignatureTypeKind.ValueType))
        {
            throw new BadImageFormatException($"a generic instance of the element type 0x{kind:x2}");
        }

        EntityHandle definition = Named();
        int count = Count(VerificationLimits.SignatureNodesMax);
        SignatureTypeCode code = count > 0 ? SignatureTypeCode.GenericTypeInstance : throw new BadImageFormatException("a generic instance without arguments");
        return new SignatureType(code, definition, kind, Types(count, depth + 1));
    }

    /// <summary>II.23.2.13: type, rank, sizes, lower bounds.</summary>
    private SignatureType Array(int depth)
    {
        const int RankMax = 32;
        SignatureType element = Type(depth + 1);
        int rank = Count(RankMax);
        for (int list = 0; list < 2; list++)
        {
            for (int left = Count(rank); left > 0; left--)
            {
                _ = list == 0 ? blob.ReadCompressedInteger() : blob.ReadCompressedSignedInteger();
            }
        }

        return rank > 0
            ? new SignatureType(SignatureTypeCode.Array, default, rank, [element]) : throw new BadImageFormatException("an array of rank 0");
    }

    /// <summary>A TypeSpec here could name itself; compilers never need one.</summary>
    private EntityHandle Named()
    {
        EntityHandle handle = blob.ReadTypeHandle();
        return handle.Kind is HandleKind.TypeDefinition or HandleKind.TypeReference && !handle.IsNil
            ? handle : throw new BadImageFormatException("a signature names no type");
    }

    private static SignatureType Leaf(SignatureTypeCode code) => new(code, default, 0, []);

    private static SignatureType Group(params SignatureType[] types) => new(SignatureTypeCode.Invalid, default, 0, types);
}
