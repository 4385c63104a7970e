/** The syntax tree that @huggingface/jinja's parser makes, as far as templates are run here. */

export interface Name {
  readonly type: "Identifier";
  readonly value: string;
}

export interface Tuple {
  readonly type: "TupleLiteral";
  readonly value: readonly Expression[];
}

export interface Member {
  readonly type: "MemberExpression";
  readonly object: Expression;
  readonly property: Expression;
  /** Whether it is written in brackets. */
  readonly computed: boolean;
}

export interface Slice {
  readonly type: "SliceExpression";
  readonly start?: Expression | undefined;
  readonly stop?: Expression | undefined;
  readonly step?: Expression | undefined;
}

export interface KeywordArgument {
  readonly type: "KeywordArgumentExpression";
  readonly key: Name;
  readonly value: Expression;
}

export interface Call {
  readonly type: "CallExpression";
  readonly callee: Expression;
  readonly args: readonly Expression[];
}

export interface Binary {
  readonly type: "BinaryExpression";
  readonly operator: { readonly value: string };
  readonly left: Expression;
  readonly right: Expression;
}

export type Expression =
  | Name
  | Tuple
  | Member
  | Slice
  | KeywordArgument
  | Call
  | Binary
  | { readonly type: "IntegerLiteral" | "FloatLiteral"; readonly value: number }
  | { readonly type: "StringLiteral"; readonly value: string }
  | { readonly type: "ArrayLiteral"; readonly value: readonly Expression[] }
  | { readonly type: "ObjectLiteral"; readonly value: ReadonlyMap<Expression, Expression> }
  | {
      readonly type: "FilterExpression";
      readonly operand: Expression;
      readonly filter: Name | Call;
    }
  | {
      readonly type: "TestExpression";
      readonly operand: Expression;
      readonly negate: boolean;
      readonly test: Name;
    }
  | {
      readonly type: "UnaryExpression";
      readonly operator: { readonly value: string };
      readonly argument: Expression;
    }
  /** `lhs if test`, without an `else`; behind `in` of a loop, its condition. */
  | { readonly type: "SelectExpression"; readonly lhs: Expression; readonly test: Expression }
  | {
      readonly type: "Ternary";
      readonly condition: Expression;
      readonly trueExpr: Expression;
      readonly falseExpr: Expression;
    }
  | {
      readonly type: "SpreadExpression" | "KeywordSpreadExpression";
      readonly argument: Expression;
    };

export type Parameter = Name | KeywordArgument;

export interface If {
  readonly type: "If";
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly alternate: readonly Statement[];
}

export interface For {
  readonly type: "For";
  readonly loopvar: Name | Tuple;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  readonly defaultBlock: readonly Statement[];
}

export interface SetStatement {
  readonly type: "Set";
  readonly assignee: Expression;
  /** `null` when the body is the value. */
  readonly value: Expression | null;
  readonly body: readonly Statement[];
}

export interface Macro {
  readonly type: "Macro";
  readonly name: Name;
  readonly args: readonly Parameter[];
  readonly body: readonly Statement[];
}

export interface CallStatement {
  readonly type: "CallStatement";
  readonly call: Call;
  readonly callerArgs: readonly Parameter[] | null;
  readonly body: readonly Statement[];
}

export interface FilterStatement {
  readonly type: "FilterStatement";
  readonly filter: Name | Call;
  readonly body: readonly Statement[];
}

/** What stands in a block: text and expressions are expressions whose value is written. */
export type Statement =
  | Expression
  | If
  | For
  | SetStatement
  | Macro
  | CallStatement
  | FilterStatement
  | { readonly type: "Break" | "Continue" }
  | { readonly type: "Comment"; readonly value: string };

export interface Program {
  readonly type: "Program";
  readonly body: readonly Statement[];
}
